import { constants, setPriority } from 'node:os';

/** Citizens who sign in on the same machine go first: whoever works for runs takes the cores that they leave. */
export function giveWay(): void {
  setPriority(constants.priority.PRIORITY_LOW);
}
