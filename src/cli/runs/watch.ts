import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Run, Runs } from '../../migration/index.ts';
import { progressLines } from '../progress.ts';
import type { CommandContext } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { meanings } from './bring.ts';
import { endOnSignal } from './end-on-signal.ts';
import { findRun } from './find-run.ts';
import { createRunMeter } from './run-meter.ts';
import { phaseSheet } from './run-sheet.ts';
import { isWorking } from './run-words.ts';

const EVERY_MS = 500;

const HELP = `
Only looks: it does none of the work. It ends when the run rests or is paused, or with Ctrl-C, which changes nothing.

Example:
  latchkey runs watch 0199d1c2-4b07`;

export function addWatch(runs: Command, context: CommandContext): void {
  runs
    .command('watch')
    .argument('<run>', 'its id, or the first characters that only it has')
    .description('Follow the work on a run, wherever it is done: rate, share, time left')
    .addHelpText('after', HELP)
    .action((runId: string) =>
      withHouse(context, async ({ migration }) => {
        const run = await untilItRests(migration.runs, await findRun(migration.runs, runId), context);
        context.terminal.out(phaseSheet(run, await meanings()));
      }),
    );
}

async function untilItRests(runs: Runs, first: Run, { terminal }: CommandContext): Promise<Run> {
  const ending = endOnSignal();
  const progress = progressLines(terminal, createRunMeter());
  try {
    let run = first;
    while (isWorking(run.state) && !run.pausedAt && !ending.signal.aborted) {
      progress.show(run);
      await sleep(EVERY_MS, undefined, { signal: ending.signal }).catch(() => {});
      run = (await runs.find(run.runId)) ?? run;
    }
    return run;
  } finally {
    progress.end();
    ending.dispose();
  }
}
