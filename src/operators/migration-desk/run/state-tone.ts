import type { RunState } from '../../../migration/index.ts';

const TONES = {
  planned: 'grey',
  validating: 'blue',
  validated: 'grey',
  rehearsing: 'blue',
  rehearsed: 'yellow',
  approved: 'grey',
  staging: 'blue',
  staged: 'grey',
  running: 'blue',
  ran: 'blue',
  reconciled: 'green',
  undoing: 'blue',
  undone: 'purple',
  stopped: 'orange',
  refused: 'red',
} as const satisfies Record<RunState, string>;

/** Of the tag of a state. Yellow waits for a second person. */
export const stateTone = (state: RunState): string => TONES[state];
