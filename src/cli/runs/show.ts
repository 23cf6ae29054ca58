import type { Command } from 'commander';
import { type CommandContext, json } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { meanings } from './bring.ts';
import { findRun } from './find-run.ts';
import { runSheet } from './run-sheet.ts';

export function addShow(runs: Command, context: CommandContext): void {
  runs
    .command('show')
    .argument('<run>', 'its id, or the first characters that only it has')
    .option('--json', 'write as JSON')
    .description('One run: its steps, files and counts, what its codes say, and what can be done next')
    .addHelpText('after', '\nExamples:\n  latchkey runs show 0199d1c2-4b07\n  latchkey runs show 0199d1c2-4b07 --json')
    .action((runId: string, options: { json?: boolean }) =>
      withHouse(context, async ({ migration }) => {
        const run = await findRun(migration.runs, runId);
        context.terminal.out(options.json ? json(run) : runSheet(run, await meanings()));
      }),
    );
}
