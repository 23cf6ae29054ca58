import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.ts';

const CITIZEN = { actor: 'citizen' };

export interface Pair {
  readonly survivor: string;
  readonly absorbed: string;
}

/** Two accounts that these sectors know, each by a sub of its own. */
export async function twoPeople({ house }: App, sectors: readonly string[]): Promise<Pair> {
  const { accounts, db } = house;
  const make = async (): Promise<string> =>
    db.transaction(async (tx) => {
      const email = `${randomUUID()}@example.org`;
      const { accountId } = await accounts.create(tx, { email, language: 'en', password: undefined }, CITIZEN);
      for (const sector of sectors) await accounts.subjects.ensure(tx, { accountId, sector });
      return accountId;
    });
  return { survivor: await make(), absorbed: await make() };
}

/** Merges with fresh proof of both. Answers the id to undo it by. */
export async function mergeTwo({ house }: App, pair: Pair): Promise<string> {
  const { accounts, db } = house;
  const place = { journeyId: randomUUID(), browserKey: 'browser' };
  return db.transaction(async (tx) => {
    const [survivor, absorbed] = await Promise.all(
      [pair.survivor, pair.absorbed].map((accountId) =>
        accounts.merging.prove(tx, { ...place, accountId, method: 'password', level: 'Cl' }),
      ),
    );
    if (!survivor || !absorbed) throw new Error('not proved');
    const proofs = { survivor, absorbed };
    const merged = await accounts.merging.merge(tx, { ...place, ...pair, proofs, policyVersion: 1, meta: CITIZEN });
    if (merged.outcome !== 'merged') throw new Error(JSON.stringify(merged));
    return merged.mergeId;
  });
}

export async function partTwo({ house }: App, { survivor }: Pair, mergeId: string): Promise<void> {
  const { accounts, db } = house;
  const parted = await db.transaction((tx) => accounts.merging.unmerge(tx, { survivor, mergeId }, CITIZEN));
  if (parted.outcome !== 'unmerged') throw new Error(JSON.stringify(parted));
}

/** What a sector knows both accounts by, before they are one. */
export async function subsOf({ house }: App, { survivor, absorbed }: Pair, sector: string): Promise<[string, string]> {
  const { subjects } = house.accounts;
  const [kept, gone] = await Promise.all([survivor, absorbed].map((id) => subjects.find(id, sector)));
  if (kept === undefined || gone === undefined) throw new Error('not known to the sector');
  return [kept, gone];
}
