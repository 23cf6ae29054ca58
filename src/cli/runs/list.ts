import type { Command } from 'commander';
import type { RunSummary } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { count } from '../progress.ts';
import { type CommandContext, json, table } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { shortIds } from './find-run.ts';
import { cohortOf, stateOf } from './run-words.ts';

interface ListOptions {
  readonly source?: string;
  readonly limit: string;
  readonly json?: boolean;
}

const MAX_LISTED = 10_000;

export function addList(runs: Command, context: CommandContext): void {
  const { terminal } = context;
  runs
    .command('list')
    .option('--source <key>', 'only runs that have a file of this old system')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'write as JSON')
    .description('Runs, the newest first, with the state and the counts of each')
    .addHelpText('after', '\nExamples:\n  latchkey runs list\n  latchkey runs list --source rent-portal --json')
    .action(({ source, limit, json: asJson }: ListOptions) =>
      withHouse(context, async ({ migration }) => {
        const all = await migration.runs.list({ ...(source !== undefined && { source }), limit: limitOf(limit) });
        if (asJson) return terminal.out(json(all));
        if (all.length === 0)
          return terminal.out('There is no run yet. `latchkey runs plan --help` says how to begin.\n');
        return terminal.out(listSheet(all));
      }),
    );
}

/** @throws CommandFailure */
export function limitOf(given: string, max: number = MAX_LISTED): number {
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw new CommandFailure(EXIT.usage, `--limit is a number from 1 to ${count(max)}, not "${given}".`);
  return limit;
}

function listSheet(all: readonly RunSummary[]): string {
  const short = shortIds(all.map(({ runId }) => runId));
  const rows = all.map((run) => [
    short.get(run.runId) ?? run.runId,
    stateOf(run),
    run.stateSince.toISOString().slice(0, 16),
    run.rows === 0 ? '-' : count(run.rows),
    run.outcomes ? count(run.outcomes.new + run.outcomes.changed) : '-',
    run.outcomes ? count(run.outcomes.rejected) : '-',
    run.sources.length > 2 ? `${run.sources.length} sources` : run.sources.join(', '),
    run.cohort < 10_000 ? `${run.title} (${cohortOf(run)})` : run.title,
  ]);
  return table([['RUN', 'STATE', 'SINCE (UTC)', 'ROWS', 'NEW+CHANGED', 'REJECTED', 'SOURCES', 'TITLE'], ...rows]);
}
