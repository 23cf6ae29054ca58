import type { Problem, SourceDefinition } from '../../sources/definition.ts';
import { detectColumn } from '../detect-column.ts';
import { detectLayout, type DetectedLayout } from '../reading/detect-layout.ts';
import type { FoundInFile } from './run-types.ts';

const MAX_COLUMNS = 60;
const MAX_SCHEMES = 5;
const SURE = 0.8;

/** What a file looks like, beside what the definition of its source says of it. Shows names of columns, and no value. */
export async function lookAtFile(
  definition: SourceDefinition,
  read: () => AsyncIterable<Uint8Array>,
): Promise<FoundInFile> {
  const layout = withNames(definition, await detectLayout(read()));
  const schemes = await schemesOf(definition, read);
  return {
    isGzip: layout.isGzip,
    format: layout.file.format,
    encoding: layout.file.encoding ?? 'utf-8',
    columns: layout.columns.slice(0, MAX_COLUMNS),
    schemes: schemes.slice(0, MAX_SCHEMES),
    differences: [...layoutDifferences(definition, layout), ...schemeDifferences(definition, schemes)],
  };
}

const NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N} _.:;/()-]{0,59}$/u;

/**
 * What stands in the first row of a file without a header is somebody's data. So names are names where the definition knows
 * one of them; else, and where one does not look like a name, there are only places.
 */
function withNames({ file }: SourceDefinition, layout: DetectedLayout): DetectedLayout {
  const isHeader = layout.columns.some((name) => usesColumn(file, name));
  const isName = (name: string | number): boolean => isHeader && (typeof name === 'number' || NAME.test(name));
  return { ...layout, columns: layout.columns.map((name, at) => (isName(name) ? name : at)) };
}

async function schemesOf(
  definition: SourceDefinition,
  read: () => AsyncIterable<Uint8Array>,
): Promise<FoundInFile['schemes']> {
  const { columns, ...layout } = definition.file;
  if (definition.scheme === 'none' || columns.hash === undefined) return [];
  const detected = await detectColumn({ stream: firstOf(read()), column: `${columns.hash}`, layout });
  if (detected.outcome === 'refused') return [];
  return detected.detection.candidates.map(({ scheme, confidence }) => ({ scheme, confidence }));
}

const SAMPLE_BYTES = 1 << 20;

/** Enough for a look; the whole file is read when it is validated. */
async function* firstOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = SAMPLE_BYTES;
  for await (const chunk of stream) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

const differs = (field: string, said: string, seen: string): Problem => ({
  field,
  code: 'looks_different',
  message: `The definition says ${said}; the file looks like ${seen}.`,
});

function layoutDifferences({ file }: SourceDefinition, layout: DetectedLayout): Problem[] {
  const { file: found, confidence } = layout;
  if (file.format !== found.format) return [differs('file.format', file.format, found.format)];
  const { encoding = 'utf-8', delimiter = ',' } = file;
  const seen = { encoding: found.encoding ?? 'utf-8', delimiter: found.delimiter ?? ',' };
  const isSure = (confidence['encoding'] ?? 0) >= SURE;
  const problems = [
    encoding !== seen.encoding && isSure && differs('file.encoding', encoding, seen.encoding),
    file.format === 'csv' &&
      delimiter !== seen.delimiter &&
      differs('file.delimiter', JSON.stringify(delimiter), JSON.stringify(seen.delimiter)),
    missingColumns(file, layout),
    unusedColumns(file, layout),
  ];
  return problems.filter((one) => typeof one === 'object');
}

function missingColumns(file: SourceDefinition['file'], { columns }: DetectedLayout): Problem | false {
  if (columns.some((name) => usesColumn(file, name)) || columns.length === 0) return false;
  const message = 'The file begins with no column that the definition names.';
  return { field: 'file.columns', code: 'looks_different', message };
}

function unusedColumns(file: SourceDefinition['file'], { columns }: DetectedLayout): Problem | false {
  const unused = columns.filter((name) => typeof name === 'string' && !usesColumn(file, name));
  if (unused.length === 0 || file.format === 'ldif') return false;
  const message = `Columns that are not taken: ${unused.slice(0, 20).join(', ')}.`;
  return { field: 'file.columns', code: 'column_unused', message };
}

const usesColumn = ({ columns, extras = {} }: SourceDefinition['file'], name: string | number): boolean =>
  [...Object.values(columns), ...Object.values(extras)].some((used) => `${used}` === `${name}`);

function schemeDifferences({ scheme }: SourceDefinition, found: FoundInFile['schemes']): Problem[] {
  const said = typeof scheme === 'string' ? scheme : scheme.scheme;
  const [best] = found;
  if (!best || said === undefined || said === 'detect' || found.some((one) => one.scheme === said)) return [];
  const message = `The definition says ${said}; the column looks like ${best.scheme} (${Math.round(best.confidence * 100)} %).`;
  return [{ field: 'scheme', code: 'looks_different', message }];
}
