import { type Command, Option } from 'commander';
import type { OutcomeRow, OutcomesAsked, RowOutcome, Run, RunState } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import type { CommandContext, Terminal } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { findRun } from './find-run.ts';

const OUTCOMES = [
  'new',
  'changed',
  'unchanged',
  'linked',
  'needs-proof',
  'rejected',
  'outside',
] as const satisfies readonly RowOutcome[];
const UNDONE = ['restored', 'touched', 'superseded'] as const;

interface RowsOptions {
  readonly outcome?: RowOutcome;
  readonly undone?: OutcomeRow['undone'];
  readonly rehearsal?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const HELP = `
Every row of every file has exactly one outcome. Nothing personal is shown: a row is named by its file and its line there.
Before a run has begun this is what its rehearsal came to, afterwards what the run did. Millions of rows are streamed.

Examples:
  latchkey runs rows 0199d1c2-4b07 --outcome rejected
  latchkey runs rows 0199d1c2-4b07 --csv > outcomes.csv
  latchkey runs rows 0199d1c2-4b07 --undone touched --json`;

export function addRows(runs: Command, context: CommandContext): void {
  runs
    .command('rows')
    .argument('<run>', 'its id, or the first characters that only it has')
    .addOption(new Option('--outcome <outcome>', 'only rows that became this').choices(OUTCOMES))
    .addOption(new Option('--undone <what>', 'only rows that undoing the run left like this').choices(UNDONE))
    .option('--rehearsal', 'what the rehearsal came to, although the run has begun')
    .addOption(new Option('--csv', 'write as CSV').conflicts('json'))
    .option('--json', 'write as JSON, one row a line')
    .description('What became of each row, or would have in a rehearsal')
    .addHelpText('after', HELP)
    .action((runId: string, options: RowsOptions) =>
      withHouse(context, async ({ migration: { runs: all } }) => {
        const run = await findRun(all, runId);
        const write = WRITERS[options.json ? 'json' : options.csv ? 'csv' : 'table'](run);
        await stream(context.terminal, write, (after) =>
          all.outcomes({ ...askedOf(run, options), after, limit: PAGE }),
        );
      }),
    );
}

const PAGE = 5000;

const BEFORE_IT_RAN: ReadonlySet<RunState> = new Set(['approved', 'staging', 'staged', 'refused']);

type Asked = Omit<OutcomesAsked, 'after' | 'limit'>;

function askedOf(run: Run, { outcome, undone, rehearsal }: RowsOptions): Asked {
  const isRun = run.approvedBy !== undefined && !BEFORE_IT_RAN.has(run.state);
  if (undone !== undefined && !isRun) throw new CommandFailure(EXIT.usage, 'Nothing of this run was undone yet.');
  return { runId: run.runId, pass: isRun && !rehearsal ? 'run' : 'rehearsal', outcome, undone };
}

type Page = { readonly rows: readonly OutcomeRow[]; readonly next: OutcomesAsked['after'] };

interface RowWriter {
  readonly head: string;
  /** When there is no row. */
  readonly none: string;
  readonly row: (row: OutcomeRow) => string;
  readonly between: string;
  readonly tail: string;
}

async function stream(
  terminal: Terminal,
  { head, none, row, between, tail }: RowWriter,
  read: (after: OutcomesAsked['after']) => Promise<Page>,
): Promise<void> {
  let after: OutcomesAsked['after'];
  let lead = head;
  do {
    const page = await read(after);
    if (page.rows.length > 0) terminal.out(lead + page.rows.map(row).join(between));
    if (page.rows.length > 0) lead = between;
    after = page.next;
    await terminal.drained?.();
  } while (after);
  terminal.out(lead === head ? none : tail);
}

const CSV_HEAD = 'part,source,line,outcome,code,undone\r\n';

const WRITERS = {
  json: ({ parts }: Run): RowWriter => ({
    head: '[\n',
    none: '[]\n',
    row: (row) => JSON.stringify({ source: parts[row.part]?.source, ...row }),
    between: ',\n',
    tail: '\n]\n',
  }),
  csv: ({ parts }: Run): RowWriter => ({
    head: CSV_HEAD,
    none: CSV_HEAD,
    row: ({ part, line, outcome, code = '', undone = '' }) =>
      `${part},${parts[part]?.source ?? ''},${line},${outcome},${code},${undone}`,
    between: '\r\n',
    tail: '\r\n',
  }),
  table: ({ parts }: Run): RowWriter => {
    const width = Math.max('SOURCE'.length, ...parts.map(({ source }) => source.length));
    const cells = (source: string, line: string, outcome: string, ...more: string[]): string =>
      [source.padEnd(width), line.padStart(10), outcome.padEnd(11), ...more].join('  ').trimEnd();
    return {
      head: `${cells('SOURCE', 'LINE', 'OUTCOME', 'CODE'.padEnd(18), 'UNDONE')}\n`,
      none: 'There is no such row.\n',
      row: ({ part, line, outcome, code = '', undone = '' }) =>
        cells(parts[part]?.source ?? '', `${line}`, outcome, code.padEnd(18), undone),
      between: '\n',
      tail: '\n',
    };
  },
} as const;
