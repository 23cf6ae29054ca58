import { type Detection, type SchemeCandidate, detectScheme } from '../../accounts/index.ts';
import type { Problem } from '../sources/definition.ts';
import { openRows } from './reading/open-rows.ts';
import type { FileLayout } from './reading/row-reader.ts';

export interface ColumnToDetect {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly column: string;
  readonly layout: Omit<FileLayout, 'columns'>;
}

export type DetectedColumn =
  | {
      readonly outcome: 'detected';
      readonly rows: number;
      readonly empty: number;
      readonly detection: Detection;
      /** What a definition could say, for somebody to complete. */
      readonly example: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

const MAX_SAMPLES = 2000;

/** Names the schemes that a column of an export may be of. Reads all of the file: its old rows may not be like its new. */
export async function detectColumn({ stream, column, layout }: ColumnToDetect): Promise<DetectedColumn> {
  // Only the one column is looked for; every row has to have an id, so it stands for that too.
  const opened = openRows(stream, { ...layout, columns: { id: column } });
  const sample = createSample();
  let rows = 0;
  let empty = 0;
  for await (const block of opened.blocks) {
    for (const row of block) {
      rows += 1;
      const value = 'fields' in row ? (row.fields.id ?? '') : '';
      if (value === '') empty += 1;
      else sample.offer(value);
    }
  }
  const problems = opened.refusal();
  if (problems) return { outcome: 'refused', problems: problems.map((problem) => ({ ...problem, field: 'column' })) };
  const detection = detectScheme(sample.values());
  return { outcome: 'detected', rows, empty, detection, example: exampleOf(detection, column) };
}

/** Evenly spread over a file whose length nobody knows: when it is full, every second value goes. */
function createSample() {
  let kept: string[] = [];
  let seen = 0;
  let step = 1;
  return {
    offer(value: string): void {
      if (seen % step === 0) kept.push(value);
      seen += 1;
      if (kept.length < MAX_SAMPLES) return;
      kept = kept.filter((_, index) => index % 2 === 0);
      step *= 2;
    },
    values: (): readonly string[] => kept,
  };
}

const BY_ROW = new Set(['salt', 'user', 'realm', 'iterations']);
const SECRET = new Set(['pepper', 'signerKey']);

/** The likeliest reading as a definition says it; several sure ones need `detect`. */
function exampleOf({ candidates }: Detection, column: string): Readonly<Record<string, unknown>> | undefined {
  const [best] = candidates;
  if (!best) return undefined;
  const sure = candidates.filter(({ decidedBy }) => decidedBy === 'shape');
  if (sure.length > 1) return { file: { columns: { hash: column } }, scheme: 'detect' };
  const beside = best.needs.filter((need) => BY_ROW.has(need) && need !== 'user');
  const named = beside.map((need) => [need, `<column with the ${need}>`] as const);
  const columns: Record<string, string> = { hash: column, ...Object.fromEntries(named) };
  const pairs = best.decidedBy === 'known-pairs' && { knownPairs: 'required' };
  return { file: { columns }, scheme: schemeOf(best), ...pairs };
}

function schemeOf({ scheme, needs }: SchemeCandidate): unknown {
  const forAll = needs.filter((need) => !BY_ROW.has(need));
  if (forAll.length === 0) return scheme;
  const said = forAll.map((need): [string, unknown] => [
    need,
    SECRET.has(need) ? { secret: `<name of the ${need}>` } : `<${need}>`,
  ]);
  return { scheme, ...Object.fromEntries(said) };
}
