import type { Command } from 'commander';
import type { CommandContext } from '../terminal.ts';
import { addWorkingOptions, bring, metaOf, type WorkingOptions } from './bring.ts';

const HELP = `
New rows go, and changed rows are again what they were. Rows that somebody has taken over since stay as they are, and so do
rows that a later file changed: \`latchkey runs rows RUN --undone touched\` lists the first, \`--undone superseded\` the others.

Ctrl-C gives the work back; the same command goes on, and needs no --why then.

Examples:
  latchkey runs undo 0199d1c2-4b07 --why "the export was of the test system"
  latchkey runs undo 0199d1c2-4b07 --why "wrong cohort" --workers 2`;

/** `runs undo`: restores the state before a run. */
export function addUndo(runs: Command, context: CommandContext): void {
  const command = runs.command('undo').argument('<run>', 'its id, or the first characters that only it has');
  addWorkingOptions(command.option('--why <words>', 'stays on record; nothing about persons', ''))
    .description('Restore the state before a run that ran or was stopped on the way')
    .addHelpText('after', HELP)
    .action((runId: string, options: WorkingOptions & { readonly why: string }) =>
      bring(context, {
        runId,
        to: 'undone',
        options,
        ask: ({ migration }, run) => migration.runs.undo(run.runId, metaOf(options), options.why),
      }),
    );
}
