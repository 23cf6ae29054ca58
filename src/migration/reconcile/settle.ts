import type { Served } from '../cutover/route-of.ts';
import type { Sides } from '../cutover/sides.ts';

/** What the old system made of a name and a password. */
export type OldWord = 'yes' | 'no' | 'away';

/** Whose proof stands. */
export type Settled = 'imported' | 'old' | 'nobody' | 'unavailable';

/**
 * Which of two answers counts. The old system's, while it gives one: a password may have been changed there since the
 * export. While it is away nobody is told that a password is wrong: it may be the new one (peer pains 2 and 13).
 */
export function settle(
  { served, whenAway }: { readonly served: Served; readonly whenAway: Sides['whenAway'] },
  isImported: boolean,
  said: OldWord,
): Settled {
  if (served === 'new') return isImported ? 'imported' : 'nobody';
  if (said === 'away') return served === 'both' && whenAway === 'imported' && isImported ? 'imported' : 'unavailable';
  if (said === 'no') return 'nobody';
  // A row that both know needs nothing of the old system but its yes.
  return 'old';
}
