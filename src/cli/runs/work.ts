import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { House } from '../../house.ts';
import type { WorkOptions } from '../../migration/index.ts';
import { explainFailure } from '../exit-codes.ts';
import type { CommandContext } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { endOnSignal } from './end-on-signal.ts';
import { findRun } from './find-run.ts';
import { giveWay } from './give-way.ts';
import { addHowMuch, type HowMuchOptions, howMuchOf } from './how-much.ts';
import { startOthers } from './start-workers.ts';

interface WorkerOptions extends HowMuchOptions {
  readonly wrapOnly?: boolean;
  readonly run?: string;
  readonly untilIdle?: boolean;
}

const HELP = `
Takes one file after the other of runs that want work, a lease on each, and waits for more. Any number of workers may run, on any
machine that has the configuration and sees the files under the paths they were planned with. One that is killed is followed by
another within 5 seconds, which goes on with the next batch. SIGTERM and Ctrl-C end it between two batches.

--wrap-only does nothing but argon2id over weak hashes of staged rows: it needs no files, only cores.
LATCHKEY_PASSWORDS_WORKERS and UV_THREADPOOL_SIZE say how many cores one worker uses for that.

Examples:
  latchkey runs work
  latchkey runs work --workers 2
  latchkey runs work --wrap-only --run 0199d1c2-4b07 --until-idle`;

/** `runs work`: a process that does what runs want. */
export function addWork(runs: Command, context: CommandContext): void {
  // It is at work beside citizens, at any hour.
  addHowMuch(runs.command('work'), '50')
    .option('--wrap-only', 'only wrap weak hashes')
    .option('--run <run>', 'only this run')
    .option('--until-idle', 'end when there is nothing left to do')
    .description('Work for runs, as a process that stays: start one on every machine that is to help')
    .addHelpText('after', HELP)
    .action((options: WorkerOptions) => withHouse(context, (house) => workFor(house, options, context)));
}

async function workFor(house: House, options: WorkerOptions, { terminal }: CommandContext): Promise<void> {
  giveWay();
  const { runs } = house.migration;
  const { wrapOnly = false, untilIdle = false } = options;
  const howMuch = howMuchOf(options);
  const runId = options.run === undefined ? undefined : (await findRun(runs, options.run)).runId;
  const ending = endOnSignal();
  const others = startOthers(howMuch, [
    ...(wrapOnly ? ['--wrap-only'] : []),
    ...(untilIdle ? ['--until-idle'] : []),
    ...(runId === undefined ? [] : ['--run', runId]),
  ]);
  if (!untilIdle) terminal.err('Waiting for work. Ctrl-C or SIGTERM ends it.\n');
  try {
    await goOn(
      { run: (work) => runs.work(work), say: (line) => terminal.err(line) },
      {
        runId,
        wrapOnly,
        untilIdle,
        pace: howMuch.pace,
        signal: ending.signal,
      },
    );
  } finally {
    await others.end();
    ending.dispose();
  }
}

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;
const STEADY_MS = 60_000;

interface Worker {
  readonly run: (options: WorkOptions) => Promise<void>;
  readonly say: (line: string) => void;
}

/** One that stays outlives what goes wrong with a run, or with Postgres: it says so, waits, and tries again. */
async function goOn({ run, say }: Worker, options: WorkOptions): Promise<void> {
  let wait = FIRST_WAIT_MS;
  for (;;) {
    const began = performance.now();
    try {
      return await run(options);
    } catch (error) {
      if (options.untilIdle) throw error;
      if (performance.now() - began > STEADY_MS) wait = FIRST_WAIT_MS;
      say(`latchkey: ${explainFailure(error).message} Trying again in ${wait / 1000} s.\n`);
      await sleep(wait, undefined, { signal: options.signal }).catch(() => {});
      wait = Math.min(wait * 2, MAX_WAIT_MS);
    }
  }
}
