import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { part } from '../../src/accounts/merging/join-and-part.ts';
import { readEntries } from '../../src/accounts/merging/store/merge-ledger.ts';
import { readSide } from '../../src/accounts/merging/store/read-side.ts';
import { verifyChains } from '../../src/audit/index.ts';
import type { Transaction } from '../../src/platform/postgres/database.ts';
import { comparablePair } from '../support/merging-pairs.ts';
import { type MergingEstate, mergingEstate, type Person, PLACE } from '../support/merging-estate.ts';

let estate: MergingEstate;
beforeAll(async () => {
  estate = await mergingEstate();
});
afterAll(() => estate.drop());

const CITIZEN = { actor: 'citizen' };
const DAY = 86_400_000;
const inTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => estate.db.transaction(work);

const sectors = fc.uniqueArray(fc.constantFrom('rents', 'permits', 'grants', 'taxes'), { maxLength: 3 });
const spec = fc.record({
  emails: fc.integer({ min: 1, max: 3 }),
  password: fc.boolean(),
  name: fc.boolean(),
  language: fc.constantFrom('en' as const, 'cy' as const),
  secondFactor: fc.constantFrom('when-asked' as const, 'always' as const),
  derived: sectors,
  inherited: sectors,
  links: fc.nat({ max: 3 }),
  devices: fc.nat({ max: 2 }),
});

async function remove(address: string): Promise<void> {
  const accountId = await estate.accounts.findByEmail(address);
  const account = accountId === undefined ? undefined : await estate.accounts.read(accountId);
  const email = account?.emails.find((one) => one.address === address);
  await inTransaction(async (tx) => {
    const [gone] = await tx.query<{ value_key: Buffer }>({
      text: 'DELETE FROM identities WHERE account_id = $1 AND identity_id = $2 RETURNING value_key',
      values: [accountId, email?.identityId],
    });
    await tx.query({ text: 'DELETE FROM identity_claims WHERE value_key = $1', values: [gone?.value_key] });
    if (!email?.primary) return;
    await tx.query({
      text: `UPDATE identities SET is_primary = true WHERE account_id = $1 AND identity_id =
             (SELECT identity_id FROM identities WHERE account_id = $1 ORDER BY created_at, identity_id LIMIT 1)`,
      values: [accountId],
    });
  });
}

let fresh = 0;
/** Changes of the merged account, by the ways that the house itself has. */
const changes: readonly ((survivor: Person, absorbed: Person) => Promise<unknown>)[] = [
  (survivor) =>
    inTransaction((tx) =>
      estate.accounts.addEmail(
        tx,
        survivor.accountId,
        { address: `fresh-${(fresh += 1)}@example.org`, primary: fresh % 2 === 0 },
        CITIZEN,
      ),
    ),
  (_survivor, absorbed) => (absorbed.emails.length > 1 ? remove(absorbed.emails[0]!) : Promise.resolve()),
  (survivor) => (survivor.emails.length > 1 ? remove(survivor.emails[0]!) : Promise.resolve()),
  async (survivor) => {
    const hash = await estate.accounts.hashPassword(`another password ${(fresh += 1)}`);
    await inTransaction((tx) =>
      estate.accounts.setPassword(tx, survivor.accountId, { hash, belowPolicy: false }, CITIZEN),
    );
  },
  (survivor) =>
    inTransaction((tx) =>
      estate.accounts.subjects.ensure(tx, { accountId: survivor.accountId, sector: `fresh-${fresh % 3}` }),
    ),
  (survivor) => estate.link(survivor.accountId),
  (survivor) =>
    estate.db.query({
      text: `UPDATE links SET undone_at = now(), undone_by = 'citizen', undone_reason = 'test'
             WHERE account_id = $1 AND link_id = (SELECT link_id FROM links WHERE account_id = $1 LIMIT 1)`,
      values: [survivor.accountId],
    }),
];

// Over 10,000 pairs the rules themselves are tried in join-and-part.test.ts; here that the tables hold what they say.
describe('E10: on Postgres, un-merge(merge(a, b)) = (a, b)', () => {
  it('exactly: rows, claims, old accounts, links, subjects, passwords', async () => {
    await fc.assert(
      fc.asyncProperty(spec, spec, async (one, other) => {
        const [survivor, absorbed] = [await estate.person(one), await estate.person(other)];
        const ids = [survivor.accountId, absorbed.accountId];
        const before = await estate.dump(ids);
        const { mergeId } = await estate.mustMerge(survivor, absorbed);
        expect(await estate.dump(ids)).not.toEqual(before);
        expect(await estate.unmerge(survivor, mergeId)).toMatchObject({ outcome: 'unmerged' });
        expect(await estate.dump(ids)).toEqual(before);
      }),
      { numRuns: 80 },
    );
  }, 180_000);

  it('with changes between, as the rules have it', async () => {
    const sequence = fc.array(fc.nat({ max: changes.length - 1 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(spec, spec, sequence, async (one, other, picks) => {
        const [survivor, absorbed] = [await estate.person(one), await estate.person(other)];
        const { mergeId } = await estate.mustMerge(survivor, absorbed);
        for (const pick of new Set(picks)) await changes[pick]?.(survivor, absorbed);
        const { db, keyRing } = estate;
        const read = async () => ({
          survivor: (await readSide(db, keyRing, survivor.accountId))!,
          absorbed: (await readSide(db, keyRing, absorbed.accountId))!,
        });
        const merged = await read();
        const entries = await readEntries(db, { survivorId: survivor.accountId, mergeId }, merged.absorbed.key);
        const expected = part({ survivor: merged.survivor.side, absorbed: merged.absorbed.side }, entries, new Map());
        expect(await estate.unmerge(survivor, mergeId)).toMatchObject({ outcome: 'unmerged' });
        const after = await read();
        expect(comparablePair({ survivor: after.survivor.side, absorbed: after.absorbed.side })).toEqual(
          comparablePair(expected),
        );
      }),
      { numRuns: 50 },
    );
  }, 180_000);

  it('the audit tells of both, on both chains, and the chains hold', async () => {
    const [survivor, absorbed] = [
      await estate.person({ derived: ['rents'] }),
      await estate.person({ derived: ['rents'] }),
    ];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    await estate.unmerge(survivor, mergeId);
    for (const { accountId } of [survivor, absorbed]) {
      const rows = await estate.db.query<{ type: string }>({
        text: `SELECT type FROM audit_events WHERE chain_id = $1 AND (type LIKE 'account.%merged' OR type LIKE 'subject.%ed')
               AND type <> 'subject.derived' ORDER BY seq`,
        values: [`account:${accountId}`],
      });
      expect(rows.map(({ type }) => type)).toEqual(
        accountId === survivor.accountId
          ? ['account.merged', 'subject.aliased', 'account.unmerged', 'subject.parted']
          : ['account.merged', 'account.unmerged'],
      );
    }
    expect((await verifyChains(estate.db)).broken).toEqual([]);
  });
});

describe('signing in', () => {
  it('with an address of either leads to the survivor, by its password; undone, each has its own again', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person()];
    expect(survivor.password).not.toBe(absorbed.password);
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    const check = (address: string, password = ''): Promise<unknown> =>
      estate.accounts.checkPassword(address, password);
    for (const address of [...survivor.emails, ...absorbed.emails]) {
      expect(await check(address, survivor.password)).toMatchObject({ accountId: survivor.accountId });
      expect(await check(address, absorbed.password)).toEqual({ outcome: 'mismatch' });
    }
    expect(await estate.accounts.checkPasswordOf(absorbed.accountId, absorbed.password ?? '')).toEqual({
      outcome: 'mismatch',
    });
    expect(await estate.accounts.read(absorbed.accountId)).toMatchObject({ status: 'merged', emails: [] });
    expect(await estate.accounts.merging.standsFor(absorbed.accountId)).toBe(survivor.accountId);
    await estate.unmerge(survivor, mergeId);
    expect(await check(absorbed.emails[0]!, absorbed.password)).toMatchObject({ accountId: absorbed.accountId });
    expect(await check(absorbed.emails[0]!, survivor.password)).toEqual({ outcome: 'mismatch' });
    expect(await check(survivor.emails[0]!, survivor.password)).toMatchObject({ accountId: survivor.accountId });
    expect(await estate.accounts.merging.standsFor(absorbed.accountId)).toBe(absorbed.accountId);
  });

  it('only the absorbed account has a password: it moves, and comes back', async () => {
    const [survivor, absorbed] = [await estate.person({ password: false }), await estate.person()];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    expect(await estate.accounts.checkPassword(survivor.emails[0]!, absorbed.password ?? '')).toMatchObject({
      accountId: survivor.accountId,
    });
    await estate.unmerge(survivor, mergeId);
    expect(await estate.accounts.read(survivor.accountId)).toMatchObject({ hasPassword: false });
    expect(await estate.accounts.checkPassword(absorbed.emails[0]!, absorbed.password ?? '')).toMatchObject({
      accountId: absorbed.accountId,
    });
  });

  it('LA02: sessions and grants of both must end, and that is remembered until it is done', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person()];
    const { endings, mergeId } = await estate.mustMerge(survivor, absorbed);
    expect(endings).toMatchObject([{ accountId: survivor.accountId }, { accountId: absorbed.accountId }]);
    const due = async (): Promise<string[]> =>
      (await estate.accounts.endings.due(100_000)).map(({ endingId }) => endingId);
    expect(await due()).not.toContain(endings[0]!.endingId);
    estate.clock.now = new Date(estate.clock.now.getTime() + 11_000);
    expect(await due()).toEqual(expect.arrayContaining(endings.map(({ endingId }) => endingId)));
    for (const ending of endings) await estate.accounts.endings.done(ending);
    for (const { endingId } of endings) expect(await due()).not.toContain(endingId);
    expect(await estate.unmerge(survivor, mergeId)).toMatchObject({
      endings: [
        { accountId: survivor.accountId, reason: 'account-unmerged' },
        { accountId: absorbed.accountId, reason: 'account-unmerged' },
      ],
    });
  });

  it('C4: nothing new can be written for the account that was absorbed', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person({ derived: ['rents'] })];
    await estate.mustMerge(survivor, absorbed);
    const { accountId } = absorbed;
    const { accounts } = estate;
    const hash = await accounts.hashPassword('one more long password');
    const attempts: ((tx: Transaction) => Promise<unknown>)[] = [
      (tx) => accounts.subjects.ensure(tx, { accountId, sector: 'rents' }),
      (tx) => accounts.subjects.ensure(tx, { accountId, sector: 'permits' }),
      (tx) => accounts.subjects.inherit(tx, { accountId, sector: 'permits', sub: 'x', source: 'portal' }),
      (tx) => accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, CITIZEN),
      (tx) => accounts.addEmail(tx, accountId, { address: `fresh-${(fresh += 1)}@example.org` }, CITIZEN),
    ];
    for (const attempt of attempts)
      await expect(inTransaction(attempt)).rejects.toMatchObject({ code: expect.stringMatching(/^not_/) });
    expect(
      await inTransaction((tx) => accounts.merging.prove(tx, { accountId, method: 'password', level: 'Cl', ...PLACE })),
    ).toBeUndefined();
  });
});

describe('undoing', () => {
  it('for 30 days, and not a moment longer', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person()];
    const { mergeId, undoableUntil } = await estate.mustMerge(survivor, absorbed);
    const mergedAt = estate.clock.now.getTime();
    expect(undoableUntil.getTime()).toBe(mergedAt + 30 * DAY);
    estate.clock.now = new Date(mergedAt + 30 * DAY + 1);
    expect(await estate.unmerge(survivor, mergeId)).toEqual({ outcome: 'refused', reason: 'too-late' });
    expect(await estate.accounts.merging.list(survivor.accountId)).toMatchObject([{ undo: 'too-late' }]);
    estate.clock.now = new Date(mergedAt + 30 * DAY);
    expect(await estate.unmerge(survivor, mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.unmerge(survivor, mergeId)).toEqual({ outcome: 'refused', reason: 'already-undone' });
  });

  it('after which nothing that was set aside is kept; nor is it once it was undone', async () => {
    const { db, clock, accounts } = estate;
    const kept = async (mergeId: string): Promise<number> => {
      const rows = await db.query({
        text: `SELECT 1 FROM merge_entries WHERE merge_id = $1 AND from_sealed <> ''`,
        values: [mergeId],
      });
      return rows.length;
    };
    const [survivor, absorbed, other] = [await estate.person(), await estate.person(), await estate.person()];
    const first = await estate.mustMerge(survivor, absorbed);
    const mergedAt = clock.now.getTime();
    const second = await estate.mustMerge(survivor, other);
    await estate.unmerge(survivor, second.mergeId);
    expect(await kept(second.mergeId)).toBe(0);
    clock.now = new Date(mergedAt + 30 * DAY);
    await accounts.merging.forgetLedgers(10_000);
    expect(await kept(first.mergeId)).toBeGreaterThan(2);
    clock.now = new Date(mergedAt + 30 * DAY + 1);
    expect(await accounts.merging.forgetLedgers(10_000)).toBeGreaterThan(0);
    expect(await kept(first.mergeId)).toBe(0);
    expect(await accounts.merging.forgetLedgers(10_000)).toBe(0);
  });

  it('is nobody’s but the survivor’s', async () => {
    const [survivor, absorbed, stranger] = [await estate.person(), await estate.person(), await estate.person()];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    for (const other of [stranger, absorbed])
      expect(await estate.unmerge(other, mergeId)).toEqual({ outcome: 'refused', reason: 'not-found' });
  });

  it('chains come off in reverse order', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => estate.person({ derived: ['rents'], links: 1 })));
    const [anna, beth, cara, dana] = people as [Person, Person, Person, Person];
    const before = await estate.dump(people.map(({ accountId }) => accountId));
    const first = await estate.mustMerge(anna, beth);
    const second = await estate.mustMerge(anna, cara);
    const third = await estate.mustMerge(dana, anna);
    const later = { outcome: 'refused', reason: 'later-merge-first' };
    expect(await estate.accounts.merging.standsFor(beth.accountId)).toBe(dana.accountId);
    expect(await estate.accounts.subjects.alsoKnownAs(dana.accountId, 'rents')).toHaveLength(3);
    expect(await estate.unmerge(anna, first.mergeId)).toEqual(later);
    expect(await estate.unmerge(anna, second.mergeId)).toEqual(later);
    expect(await estate.unmerge(dana, third.mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.unmerge(anna, first.mergeId)).toEqual(later);
    expect((await estate.accounts.merging.list(anna.accountId)).map(({ undo }) => undo)).toEqual([
      'possible',
      'later-merge-first',
    ]);
    expect(await estate.unmerge(anna, second.mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.unmerge(anna, first.mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.dump(people.map(({ accountId }) => accountId))).toEqual(before);
  });

  it('L15: never leaves a side without a way in; proving the address anew opens it again', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person()];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    await remove(absorbed.emails[0]!);
    expect(await estate.unmerge(survivor, mergeId)).toEqual({
      outcome: 'refused',
      reason: 'no-way-in',
      side: 'absorbed',
    });
    await inTransaction((tx) =>
      estate.accounts.addEmail(tx, survivor.accountId, { address: absorbed.emails[0]! }, CITIZEN),
    );
    expect(await estate.unmerge(survivor, mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.accounts.findByEmail(absorbed.emails[0]!)).toBe(absorbed.accountId);
  });

  it('a suspension since then is of both', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person()];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    await estate.db.query({
      text: `UPDATE accounts SET status = 'suspended' WHERE account_id = $1`,
      values: [survivor.accountId],
    });
    await estate.unmerge(survivor, mergeId);
    expect(await estate.accounts.read(absorbed.accountId)).toMatchObject({ status: 'suspended' });
  });

  it('L11: an address that somebody else has by now is not taken back', async () => {
    const [survivor, absorbed, stranger] = [
      await estate.person(),
      await estate.person({ emails: 2 }),
      await estate.person(),
    ];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    await remove(absorbed.emails[1]!);
    await inTransaction((tx) =>
      estate.accounts.addEmail(tx, stranger.accountId, { address: absorbed.emails[1]! }, CITIZEN),
    );
    expect(await estate.unmerge(survivor, mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect(await estate.accounts.findByEmail(absorbed.emails[1]!)).toBe(stranger.accountId);
    expect((await estate.accounts.read(absorbed.accountId))?.emails).toHaveLength(1);
  });
});
