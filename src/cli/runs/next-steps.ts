import type { Run, RunState } from '../../migration/index.ts';
import { isWorking, type THROUGH, VERB } from './run-words.ts';

const SHORT = 13;

type Resting = Exclude<RunState, keyof typeof THROUGH>;

const say = (...commands: readonly string[]): string[] => commands.map((command) => `latchkey runs ${command}`);

/** What can be done to a run now, as commands, the likeliest first. */
export function nextSteps(run: Run): readonly string[] {
  const { runId, state, pausedAt, target } = run;
  const id = runId.slice(0, SHORT);
  if (pausedAt) return say(`resume ${id}`, `stop ${id} --why "…"`);
  if (isWorking(state))
    return say(...(target ? [`${VERB[target]} ${id}   # works on it here`] : []), `watch ${id}`, `pause ${id}`);
  const steps = {
    planned: [`validate ${id}`, `rehearse ${id}`],
    validated: [`rehearse ${id}`, `rejects ${id}`],
    rehearsed: [`approve ${id} --as SOMEBODY-ELSE`, `rows ${id}`, `stop ${id} --why "…"`],
    approved: [`start ${id}`],
    staged: [`start ${id}`, `stop ${id} --why "…"`],
    ran: [`balance ${id}`, `undo ${id} --why "…"`],
    reconciled: [`balance ${id}`, `rejects ${id}`, `undo ${id} --why "…"`],
    stopped: run.approvedBy === undefined ? [] : [`balance ${id}`, `undo ${id} --why "…"`],
    undone: run.parts.some(({ counts }) => counts.undo?.touched) ? [`rows ${id} --undone touched`] : [],
    refused: [],
  } as const satisfies Record<Resting, readonly string[]>;
  return say(...steps[state]);
}
