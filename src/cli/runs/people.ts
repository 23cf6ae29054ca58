import type { Command } from 'commander';
import type { House } from '../../house.ts';
import type { Run, RunMoved } from '../../migration/index.ts';
import { type CommandContext, json } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { metaOf } from './bring.ts';
import { findRun } from './find-run.ts';
import { nextOf } from './run-sheet.ts';
import { stateOf } from './run-words.ts';
import { moved } from './why-refused.ts';

interface PersonOptions {
  readonly as?: string;
  readonly json?: boolean;
  readonly olderFile?: boolean;
  readonly why?: string;
}

type Act = (
  runs: House['migration']['runs'],
  run: Run,
  options: PersonOptions & { readonly meta: { readonly actor: string } },
) => Promise<RunMoved>;

/** What a person decides about a run: it is done at once, and no worker is needed for it. */
function decided(command: Command, context: CommandContext, act: Act): Command {
  return command
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .option('--json', 'write the run as JSON')
    .action((runId: string, options: PersonOptions) =>
      withHouse(context, async ({ migration: { runs } }) => {
        const before = await findRun(runs, runId);
        const run = moved(before, await act(runs, before, { ...options, meta: metaOf(options) }));
        context.terminal.out(options.json ? json(run) : `${run.title} is ${stateOf(run)}.\n${nextOf(run)}`);
      }),
    );
}

const ID = 'its id, or the first characters that only it has';

const APPROVE = `
A second person stands for what was rehearsed: read \`latchkey runs show\` and \`latchkey runs rows\` before. Who planned it cannot
approve it. When a source was changed since the plan, what was rehearsed is not what would be done, and it is refused.

Examples:
  latchkey runs approve 0199d1c2-4b07
  latchkey runs approve 0199d1c2-4b07 --older-file --as bryn`;

/** `runs approve`, `pause` and `stop`. */
export function addDecisions(runs: Command, context: CommandContext): void {
  decided(runs.command('approve').argument('<run>', ID), context, (all, run, { meta, olderFile = false }) =>
    all.approve(run.runId, meta, { olderFile }),
  )
    .option('--older-file', 'a file is older than the last one of its source, and that is wanted')
    .description('Stand for what was rehearsed, as the second person')
    .addHelpText('after', APPROVE);
  decided(runs.command('pause').argument('<run>', ID), context, (all, run, { meta }) => all.pause(run.runId, meta))
    .description('Let every worker stop after the batch it is at')
    .addHelpText(
      'after',
      '\nWhat is written stays. `latchkey runs resume` goes on with the next batch.\n\nExample:\n  latchkey runs pause 0199d1c2-4b07',
    );
  decided(runs.command('stop').argument('<run>', ID), context, (all, run, { meta, why = '' }) =>
    all.stop(run.runId, meta, why),
  )
    .option('--why <words>', 'stays on record; nothing about persons')
    .description('End a run where it is, for good')
    .addHelpText(
      'after',
      '\nWhat it wrote stays and is on its balance sheet; `latchkey runs undo` takes that back too.\n\nExample:\n  latchkey runs stop 0199d1c2-4b07 --why "the department sends another export"',
    );
}
