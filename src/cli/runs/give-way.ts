import { constants, setPriority } from 'node:os';

/** Citizens who sign in on the same machine go first: whoever works for runs takes a tenth of the cores that they want too. */
export function giveWay(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
