import type { PhaseCounts, Run, RunPart, RunState, RunSummary, RunTarget } from '../../migration/index.ts';

/** States in which workers have something to do, and what a part has when it is through. */
export const THROUGH = {
  validating: 'validated',
  rehearsing: 'rehearsed',
  staging: 'staged',
  running: 'ran',
  undoing: 'undone',
} as const satisfies Partial<Record<RunState, RunPart['done']>>;

type Working = keyof typeof THROUGH;

export const isWorking = (state: RunState): state is Working => Object.hasOwn(THROUGH, state);

/** The command that brings a run there. */
export const VERB = {
  validated: 'validate',
  rehearsed: 'rehearse',
  staged: 'stage',
  reconciled: 'start',
  undone: 'undo',
} as const satisfies Record<RunTarget, string>;

export const stateOf = ({ state, pausedAt, problems }: Pick<Run, 'state' | 'pausedAt'> & Partial<Run>): string => {
  if (state === 'ran' && problems && problems.length > 0) return 'ran, and does not balance';
  return pausedAt ? `${state}, paused` : state;
};

export const cohortOf = ({ cohort }: Pick<RunSummary, 'cohort'>): string =>
  cohort >= 10_000 ? 'everybody' : `${cohort / 100} % of the accounts`;

/** What is known last of a part. A run that is validated once more has counts of its rehearsal still. */
export const phaseOf = ({ counts }: RunPart, state: RunState): PhaseCounts | undefined =>
  state === 'validating' || state === 'validated'
    ? counts.validate
    : (counts.run ?? counts.rehearse ?? counts.validate);

export const rejectedOf = (counts: PhaseCounts | undefined): number =>
  counts?.outcomes?.rejected ?? counts?.rejected ?? 0;

/** How many rows there are of each key, over all parts. */
export function sumOf(
  all: readonly (Readonly<Record<string, number>> | undefined)[],
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const one of all) for (const [key, n] of Object.entries(one ?? {})) sum[key] = (sum[key] ?? 0) + n;
  return sum;
}
