import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { DetectedColumn } from '../migration/index.ts';
import { count } from './progress.ts';
import { refusal } from './read-json-file.ts';
import { type CommandContext, json, table } from './terminal.ts';

interface DetectOptions {
  readonly column: string;
  readonly format?: 'csv' | 'ndjson';
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  latchkey sources detect rent-2026-03.csv --column password_hash
  latchkey sources detect people.ndjson --column pw --json

No value of the column is shown, and nothing is written. A shape says much, and never everything: a bare MD5 and an NT
hash look alike. Where known pairs decide, put "knownPairs": "required" into the definition and give them to the import.`;

const MAX_SHOWN = 12;

/** `sources detect`: what a password column may be, before anybody writes a definition. Needs no configuration. */
export function addDetect(sources: Command, { terminal }: CommandContext): void {
  sources
    .command('detect')
    .argument('<file>', 'an export, CSV or NDJSON, in UTF-8')
    .requiredOption('--column <name>', 'the column that holds the password values')
    .addOption(new Option('--format <format>', 'what the file is (default: by its name)').choices(['csv', 'ndjson']))
    .addOption(new Option('--delimiter <character>', 'between the fields of a CSV').choices([',', ';', '\t', '|']))
    .option('--json', 'write as JSON')
    .description(
      'Name the password scheme of a column, its cost and how sure that is, with what a definition would say',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: DetectOptions) => {
      const { detectColumn } = await import('../migration/index.ts');
      const format = options.format ?? (['.ndjson', '.jsonl'].includes(extname(file).toLowerCase()) ? 'ndjson' : 'csv');
      const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
      const { column, delimiter } = options;
      const detected = await detectColumn({ stream, column, layout: { format, ...(delimiter && { delimiter }) } });
      if (detected.outcome === 'refused') throw refusal(file, detected.problems);
      terminal.out(options.json ? json(detected) : sheet(detected));
    });
}

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
