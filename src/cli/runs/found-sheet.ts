import type { FoundInFile } from '../../migration/index.ts';
import { table } from '../terminal.ts';

type Found = FoundInFile & { readonly source: string };

const SCHEMES_SHOWN = 2;
const WORTH_SHOWING = 0.2;

/** What looking at the files said, and below it where the definitions say otherwise. No value of a row. */
export function foundSheet(all: readonly Found[]): string {
  const rows = all.map(({ source, format, encoding, isGzip, columns, schemes, differences }) => [
    source,
    `${format}, ${encoding}${isGzip ? ', gzip' : ''}`,
    columnsOf(columns),
    schemes
      .filter(({ confidence }, at) => at === 0 || confidence >= WORTH_SHOWING)
      .slice(0, SCHEMES_SHOWN)
      .map(({ scheme, confidence }) => `${scheme} ${Math.round(confidence * 100)} %`)
      .join(' or ') || '-',
    differences.length === 0 ? 'as defined' : `${differences.length} to look at`,
  ]);
  const differences = all.flatMap(({ source, differences: own }) =>
    own.map(({ field, message, code }) => `  ${source}: ${field}: ${message} [${code}]\n`),
  );
  return [
    table([['SOURCE', 'LOOKS LIKE', 'COLUMNS', 'PASSWORDS', 'BESIDE ITS DEFINITION'], ...rows]),
    ...(differences.length > 0 ? ['\nTo look at:\n', ...differences] : []),
  ].join('');
}

const NAMES_SHOWN = 8;

function columnsOf(columns: readonly (string | number)[]): string {
  const shown = columns.slice(0, NAMES_SHOWN).join(', ');
  return columns.length > NAMES_SHOWN ? `${shown}, and ${columns.length - NAMES_SHOWN} more` : shown || '-';
}
