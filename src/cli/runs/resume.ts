import type { Command } from 'commander';
import type { CommandContext } from '../terminal.ts';
import { addWorkingOptions, bring, metaOf, type WorkingOptions } from './bring.ts';

const HELP = `
It goes on where it was paused, with the work done here unless --no-work leaves it to workers elsewhere.

Examples:
  latchkey runs resume 0199d1c2-4b07
  latchkey runs resume 0199d1c2-4b07 --no-work`;

/** `runs resume`: the other half of `pause`. */
export function addResume(runs: Command, context: CommandContext): void {
  addWorkingOptions(runs.command('resume').argument('<run>', 'its id, or the first characters that only it has'))
    .description('Let a paused run go on')
    .addHelpText('after', HELP)
    .action((runId: string, options: WorkingOptions) =>
      bring(context, {
        runId,
        options,
        ask: ({ migration }, run) => migration.runs.resume(run.runId, metaOf(options)),
      }),
    );
}
