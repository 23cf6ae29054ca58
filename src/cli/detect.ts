import { createReadStream } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DetectedColumn, DetectedLayout } from '../migration/index.ts';
import { count } from './progress.ts';
import { refusal } from './read-json-file.ts';
import { type CommandContext, json, table } from './terminal.ts';

interface DetectOptions {
  readonly column?: string;
  readonly format?: 'csv' | 'ndjson' | 'ldif';
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  latchkey sources detect rent-2026-03.csv
  latchkey sources detect rent-2026-03.csv --column password_hash
  latchkey sources detect people.ndjson --column pw --json

No value of the column is shown, and nothing is written. A shape says much, and never everything: a bare MD5 and an NT
hash look alike. Where known pairs decide, put "knownPairs": "required" into the definition and give them to the import.`;

const MAX_SHOWN = 12;

/** `sources detect`: how a file is written and what its password column may be. Needs no configuration. */
export function addDetect(sources: Command, { terminal }: CommandContext): void {
  sources
    .command('detect')
    .argument('<file>', 'an export: CSV, NDJSON or LDIF, packed by gzip or not')
    .option('--column <name>', 'the column that holds the password values')
    .addOption(
      new Option('--format <format>', 'what the file is, where it is known').choices(['csv', 'ndjson', 'ldif']),
    )
    .addOption(new Option('--delimiter <character>', 'between the fields of a CSV').choices([',', ';', '\t', '|']))
    .option('--json', 'write as JSON')
    .description('Say how a file is written, or name the password scheme of a column, with what a definition would say')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: DetectOptions) => {
      const { detectColumn, detectLayout } = await import('../migration/index.ts');
      const read = () => createReadStream(file, { highWaterMark: 256 * 1024 });
      const detectedLayout = await detectLayout(read());
      const { column } = options;
      if (column === undefined) return terminal.out(options.json ? json(detectedLayout) : layoutSheet(detectedLayout));
      const layout = layoutOf(detectedLayout, options);
      const detected = await detectColumn({ stream: read(), column, layout });
      if (detected.outcome === 'refused') throw refusal(file, detected.problems);
      return terminal.out(options.json ? json(detected) : sheet(detected));
    });
}

/** What is stated counts; the dialect of a CSV is no part of another format. */
function layoutOf(
  { file }: DetectedLayout,
  { format, delimiter }: DetectOptions,
): Omit<DetectedLayout['file'], 'columns'> {
  const { columns: _, ...found } = file;
  const { encoding } = found;
  const layout = format === undefined || format === found.format ? found : { format, ...(encoding && { encoding }) };
  return { ...layout, ...(delimiter && { delimiter }) };
}

function layoutSheet({ isGzip, file, columns, confidence }: DetectedLayout): string {
  const { columns: guessed, format, encoding = 'utf-8', delimiter = ',', quote = '"', escape = 'doubled' } = file;
  const percent = (part: string): string => `${Math.round((confidence[part] ?? 0) * 100)} %`;
  const csv = [
    ['delimiter', JSON.stringify(delimiter), percent('dialect')],
    ['quote', `${quote}, ${escape}`, percent('dialect')],
    ['header', file.header === false ? 'none' : 'yes', percent('header')],
  ];
  const rows = [
    ['WHAT', 'FOUND', 'SURE'],
    ['format', isGzip ? `${format}, gzip` : format, percent('format')],
    ['encoding', encoding, percent('encoding')],
    ...(format === 'csv' ? csv : []),
    ['columns', columns.slice(0, MAX_COLUMNS).join(', '), columns.length > MAX_COLUMNS ? `of ${columns.length}` : ''],
  ];
  const unsure = guessed.hash === undefined ? 'No column is named like a password. ' : '';
  return `${table(rows)}\n${unsure}In the definition, to be confirmed by somebody who knows the file:\n${json({ file })}`;
}

const MAX_COLUMNS = 40;

function sheet({ rows, empty, detection, example }: Exclude<DetectedColumn, { outcome: 'refused' }>): string {
  const { samples, disabled, liveSourceOnly, unknown, candidates } = detection;
  const others = [
    [empty, 'empty'],
    [disabled, 'of the sample switched off (!, * and the like): they go in without a password'],
    [liveSourceOnly, 'of the sample point to a system that must be asked itself'],
    [unknown, 'of the sample of no shape that is known'],
  ] as const;
  const head = [
    `${count(rows)} rows, ${count(samples)} of them looked at.`,
    ...others.flatMap(([times, what]) => (times > 0 ? [`  ${count(times)} ${what}`] : [])),
  ];
  if (candidates.length === 0)
    return `${head.join('\n')}\nNo scheme fits. A home-made digest needs a recipe: see docs/guides/operators.md.\n`;
  const lines = candidates
    .slice(0, MAX_SHOWN)
    .map(({ scheme, confidence, fits, parameters, needs, decidedBy }) => [
      scheme,
      `${Math.round(confidence * 100)} %`,
      count(fits),
      costOf(parameters),
      needs.join(', ') || '-',
      decidedBy === 'shape' ? 'its shape' : 'known pairs',
    ]);
  const columns = ['SCHEME', 'SURE', 'FIT', 'COST', 'NEEDS', 'DECIDED BY'];
  const more = candidates.length > MAX_SHOWN ? `and ${candidates.length - MAX_SHOWN} less likely\n` : '';
  return `${head.join('\n')}\n\n${table([columns, ...lines])}${more}\nIn the definition:\n${json(example)}`;
}

/** In the unit of its class, as `latchkey` bounds it. */
function costOf({
  costClass,
  leastCost,
  mostCost,
}: {
  costClass: string;
  leastCost: number;
  mostCost: number;
}): string {
  if (costClass === 'fast') return 'weak';
  const cost = leastCost === mostCost ? count(leastCost) : `${count(leastCost)} to ${count(mostCost)}`;
  return `${costClass} ${cost}`;
}
