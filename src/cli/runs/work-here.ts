import type { House } from '../../house.ts';
import type { Run } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { progressLines } from '../progress.ts';
import { refusal } from '../read-json-file.ts';
import type { Terminal } from '../terminal.ts';
import { endOnSignal } from './end-on-signal.ts';
import type { HowMuch } from './how-much.ts';
import { nextSteps } from './next-steps.ts';
import { createRunMeter } from './run-meter.ts';
import { isWorking, stateOf } from './run-words.ts';
import { startOthers } from './start-workers.ts';

interface Here {
  readonly house: House;
  readonly terminal: Terminal;
  readonly howMuch: HowMuch;
}

/** Does what a run wants, with as many workers as are asked for, until it rests. @throws CommandFailure when it was ended before. */
export async function workHere({ house, terminal, howMuch }: Here, { runId }: Run): Promise<Run> {
  const { runs } = house.migration;
  const ending = endOnSignal();
  const progress = progressLines(terminal, createRunMeter());
  const others = startOthers(howMuch, ['--run', runId, '--until-idle']);
  try {
    await runs.work({ runId, untilIdle: true, pace: howMuch.pace, signal: ending.signal, onProgress: progress.show });
  } finally {
    progress.end();
    await others.end();
    ending.dispose();
  }
  const run = await runs.find(runId);
  if (!run) throw new Error('the run that was worked on is gone');
  return needResting(run, ending.signal.aborted);
}

function needResting(run: Run, wasEnded: boolean): Run {
  if (run.state === 'refused')
    throw refusal(`${run.title} (a run that is refused is over: mend the file and plan anew)`, run.problems);
  if (!isWorking(run.state) && run.state !== 'stopped') return run;
  const why = wasEnded ? 'Ended here, and given back' : 'Somebody has halted it';
  const steps = nextSteps(run).map((step) => `\n  ${step}`);
  throw new CommandFailure(
    EXIT.interrupted,
    `${why}: ${run.title} is ${stateOf(run)}. Nothing is lost and nothing is done twice. Go on with:${steps.join('')}`,
  );
}
