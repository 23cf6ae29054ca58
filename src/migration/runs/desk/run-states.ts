export const RUN_STATES = [
  'planned',
  'validating',
  'validated',
  'rehearsing',
  'rehearsed',
  'approved',
  'staging',
  'staged',
  'running',
  'ran',
  'reconciled',
  'undoing',
  'undone',
  'stopped',
  'refused',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/**
 * Every move of a run, from → to. A second person stands between `rehearsed` and `approved`. `stopped`: it ends where it
 * is, and what it wrote can be undone. `refused`: its file is not what it was said to be, or cannot be read at all.
 */
export const RUN_MOVES = {
  planned: ['validating', 'stopped'],
  validating: ['validated', 'stopped', 'refused'],
  validated: ['rehearsing', 'stopped'],
  rehearsing: ['rehearsed', 'stopped', 'refused'],
  rehearsed: ['approved', 'validating', 'stopped'],
  approved: ['staging', 'stopped'],
  staging: ['staged', 'stopped', 'refused'],
  staged: ['running', 'stopped'],
  running: ['ran', 'stopped'],
  ran: ['reconciled', 'undoing'],
  reconciled: ['undoing'],
  stopped: ['undoing'],
  undoing: ['undone'],
  undone: [],
  refused: [],
} as const satisfies Record<RunState, readonly RunState[]>;

/** What a run can be brought to by workers. */
export type RunTarget = 'validated' | 'rehearsed' | 'staged' | 'reconciled' | 'undone';

/** The states in which workers have something to do, and what a part has when it is through. */
export const WORK = {
  validating: { done: 'validated', next: 'validated' },
  rehearsing: { done: 'rehearsed', next: 'rehearsed' },
  staging: { done: 'staged', next: 'staged' },
  running: { done: 'ran', next: 'ran' },
  undoing: { done: 'undone', next: 'undone' },
} as const satisfies Partial<Record<RunState, { readonly done: PartDone; readonly next: RunState }>>;

export type WorkingState = keyof typeof WORK;
export type PartDone = 'planned' | 'validated' | 'rehearsed' | 'staged' | 'ran' | 'undone';

export const isWorking = (state: RunState): state is WorkingState => Object.hasOwn(WORK, state);

/** The steps of a run in order, as people see them. */
export const RUN_STEPS = [
  'validated',
  'rehearsed',
  'approved',
  'staged',
  'ran',
  'reconciled',
] as const satisfies readonly RunState[];
