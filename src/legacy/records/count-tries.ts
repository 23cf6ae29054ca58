import type { LegacyRecords } from '../adapter.ts';

/** Nobody's row: reading it finds nothing, and no number is ever this one, so nothing is written. */
const NOBODY = '';
const NEVER = { from: -1, to: 0 } as const;

/** How often something was used or tried, beside a row; 0 for nobody, with the same look-up. */
export const readCounter = async (
  records: LegacyRecords,
  accountKey: string | undefined,
  name: string,
): Promise<number | undefined> => {
  const value = await records.counter(accountKey ?? NOBODY, name);
  return accountKey === undefined ? undefined : value;
};

/** Compare-and-set; for nobody the same work, in vain. */
export const moveCounter = (
  records: LegacyRecords,
  accountKey: string | undefined,
  name: string,
  step: { readonly from: number | undefined; readonly to: number },
): Promise<boolean> => records.advance(accountKey ?? NOBODY, name, accountKey === undefined ? NEVER : step);

export interface TryLimit {
  readonly name: string;
  readonly most: number;
}

/**
 * Takes one of the tries that a person has, before the answer is looked at: tries in parallel cannot share one. Without
 * a person the same work is done. False: there is none left.
 */
export async function takeTry(
  records: LegacyRecords,
  accountKey: string | undefined,
  { name, most }: TryLimit,
): Promise<boolean> {
  for (;;) {
    const tries = await readCounter(records, accountKey, name);
    if ((tries ?? 0) >= most) return false;
    const isTaken = await moveCounter(records, accountKey, name, { from: tries, to: (tries ?? 0) + 1 });
    // Whoever was quicker has used up one: the loop ends with the tries at the latest.
    if (isTaken || accountKey === undefined) return true;
  }
}

/** Gives the tries back after a right answer. */
export async function forgetTries(records: LegacyRecords, accountKey: string, { name }: TryLimit): Promise<void> {
  const tries = await records.counter(accountKey, name);
  if (tries) await records.advance(accountKey, name, { from: tries, to: 0 });
}

/** One of so many a day: codes and letters cost money, and a mailbox can be flooded. */
export async function takeOfToday(
  records: LegacyRecords,
  accountKey: string | undefined,
  { name, most, now }: TryLimit & { readonly now: Date },
): Promise<boolean> {
  const first = Math.floor(now.getTime() / 86_400_000) * 1000;
  for (;;) {
    const seen = await readCounter(records, accountKey, name);
    const taken = Math.max(seen ?? first, first);
    if (taken - first >= most) return false;
    const isTaken = await moveCounter(records, accountKey, name, { from: seen, to: taken + 1 });
    if (isTaken || accountKey === undefined) return true;
  }
}
