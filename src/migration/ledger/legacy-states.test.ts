import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OldWorld, oldWorld } from '../../../test/support/old-world.ts';
import { type LegacyState, MOVES, statesBefore } from './legacy-states.ts';
import { moveLegacyAccount } from './move-legacy-account.ts';

let world: OldWorld;
beforeAll(async () => {
  world = await oldWorld();
});
afterAll(() => world.drop());

const STATES: LegacyState[] = ['waiting', 'adopted', 'released', 'retired', 'refused', 'organised'];

describe('what may happen to an old account', () => {
  it('LA14: whatever was linked never comes back to where it was fresh', () => {
    const seen = new Set<LegacyState>();
    const follow = (state: LegacyState): void => {
      if (seen.has(state)) return;
      seen.add(state);
      for (const next of MOVES[state]) follow(next);
    };
    follow('released');
    expect([...seen].toSorted()).toEqual(['adopted', 'organised', 'released', 'retired']);
    expect(statesBefore('adopted')).toEqual(['waiting', 'released']);
  });

  it('is exactly the table, also in the database: every other move changes nothing', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    for (const from of STATES) {
      for (const to of STATES) {
        const legacyKey = await rowIn(from, accountId);
        const moved = await world.db.transaction((tx) =>
          moveLegacyAccount(tx, legacyKey, moveTo(to, { from, accountId }), new Date()),
        );
        expect(`${from} → ${to}: ${moved}`).toBe(`${from} → ${to}: ${MOVES[from].some((state) => state === to)}`);
      }
    }
  });

  it('is released by the account that has it only', async () => {
    const person = await world.oldPerson();
    await world.adopt(person);
    const other = await world.adopt(await world.oldPerson());
    const release = { to: 'released', from: { accountId: other.accountId }, carried: undefined } as const;
    const key = world.legacyKey(person);
    expect(await world.db.transaction((tx) => moveLegacyAccount(tx, key, release, new Date()))).toBe(false);
  });
});

function moveTo(to: LegacyState, { from, accountId }: { from: LegacyState; accountId: string }) {
  if (to === 'adopted') return { to, accountId } as const;
  const holder = from === 'organised' ? 'organisation' : { accountId };
  return to === 'released' ? ({ to, from: holder, carried: undefined } as const) : ({ to } as const);
}

async function rowIn(state: LegacyState, accountId: string): Promise<Buffer> {
  const legacyKey = randomBytes(32);
  const wasLinked = state === 'adopted' || state === 'released' || state === 'organised';
  await world.db.query({
    text: `INSERT INTO legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed, row_digest,
                                        account_id, import_id, imported_at, links_made)
           VALUES ($1, 'rent-portal', $2, 'active', '', '', '', $3, gen_random_uuid(), now(), $4)`,
    values: [legacyKey, state, state === 'adopted' ? accountId : null, wasLinked ? 1 : 0],
  });
  return legacyKey;
}
