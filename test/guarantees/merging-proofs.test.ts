import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountProof, MergeResult } from '../../src/accounts/index.ts';
import type { Transaction } from '../../src/platform/postgres/database.ts';
import { type MergingEstate, mergingEstate, type Person, PLACE, type Place } from '../support/merging-estate.ts';

let estate: MergingEstate;
beforeAll(async () => {
  estate = await mergingEstate();
});
afterAll(() => estate.drop());

const CITIZEN = { actor: 'citizen' };
const pair = async (): Promise<[Person, Person]> => [await estate.person(), await estate.person()];

interface Attempt {
  readonly survivor: Person;
  readonly absorbed: Person;
  readonly proofs: { readonly survivor: AccountProof; readonly absorbed: AccountProof };
  readonly place?: Place;
}

const attempt = ({ survivor, absorbed, proofs, place = PLACE }: Attempt): Promise<MergeResult> =>
  estate.db.transaction((tx) =>
    estate.accounts.merging.merge(tx, {
      survivor: survivor.accountId,
      absorbed: absorbed.accountId,
      proofs,
      ...place,
      policyVersion: 1,
      meta: CITIZEN,
    }),
  );

const needs = (of: 'survivor' | 'absorbed', level = 'Cl'): unknown => ({ outcome: 'needs-proof', of, level });

describe('L14: nobody merges what they did not prove', () => {
  it('an invented proof, one of another account, both sides by one', async () => {
    const [mine, victim] = await pair();
    const own = await estate.prove(mine.accountId);
    const stranger = await estate.prove((await estate.person()).accountId);
    // eslint-disable-next-line typescript/no-unsafe-type-assertion -- what an attacker would send
    const invented = 'x'.repeat(43) as AccountProof;
    for (const other of [own, stranger, invented]) {
      const stolen = { survivor: mine, absorbed: victim, proofs: { survivor: own, absorbed: other } };
      expect(await attempt(stolen)).toEqual(needs('absorbed'));
      const swapped = { survivor: victim, absorbed: mine, proofs: { survivor: other, absorbed: own } };
      expect(await attempt(swapped)).toEqual(needs('survivor'));
    }
    expect(await attempt({ survivor: mine, absorbed: mine, proofs: { survivor: own, absorbed: own } })).toEqual({
      outcome: 'refused',
      reason: 'same-account',
    });
    expect(await estate.accounts.read(victim.accountId)).toMatchObject({ status: 'active' });
    // L17: the attempts stand on the chain of the account that was proved, and put nothing on anybody else's.
    const refusals = async ({ accountId }: Person): Promise<unknown[]> => {
      const rows = await estate.db.query<{ body: { detail: unknown } }>({
        text: `SELECT body FROM audit_events WHERE chain_id = $1 AND type = 'account.merge-refused' ORDER BY seq`,
        values: [`account:${accountId}`],
      });
      return rows.map(({ body }) => body.detail);
    };
    const unproved = { reason: 'needs-proof', of: 'absorbed' };
    expect(await refusals(mine)).toEqual([unproved, unproved, unproved, { reason: 'same-account' }]);
    expect(await refusals(victim)).toEqual([]);
  });

  it('LA10, L7: a proof of another journey or another browser', async () => {
    const [survivor, absorbed] = await pair();
    for (const elsewhere of [
      { ...PLACE, journeyId: 'journey-2' },
      { ...PLACE, browserKey: 'browser-2' },
    ]) {
      const proofs = {
        survivor: await estate.prove(survivor.accountId),
        absorbed: await estate.prove(absorbed.accountId, 'Cl', elsewhere),
      };
      expect(await attempt({ survivor, absorbed, proofs })).toEqual(needs('absorbed'));
      expect(await attempt({ survivor, absorbed, proofs, place: elsewhere })).toEqual(needs('survivor'));
    }
  });

  it('E3: one of ten minutes ago', async () => {
    const [survivor, absorbed] = await pair();
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    estate.clock.now = new Date(estate.clock.now.getTime() + 600_000);
    expect(await attempt({ survivor, absorbed, proofs })).toEqual(needs('survivor'));
    const fresh = { ...proofs, survivor: await estate.prove(survivor.accountId) };
    expect(await attempt({ survivor, absorbed, proofs: fresh })).toEqual(needs('absorbed'));
  });

  it('LA11, L8: once; and undoing a merge does not make it good again', async () => {
    const [survivor, absorbed] = await pair();
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    const merged = await attempt({ survivor, absorbed, proofs });
    if (merged.outcome !== 'merged') throw new Error(merged.outcome);
    const used = { outcome: 'refused', reason: 'proof-used' };
    expect(await attempt({ survivor, absorbed, proofs })).toEqual(used);
    await estate.unmerge(survivor, merged.mergeId);
    expect(await attempt({ survivor, absorbed, proofs })).toEqual(used);
  });

  it('LA4: a proof from before a change of credential or contact', async () => {
    const [survivor, absorbed] = await pair();
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    await estate.db.transaction((tx) =>
      estate.accounts.addEmail(tx, absorbed.accountId, { address: 'trojan@example.org' }, CITIZEN),
    );
    expect(await attempt({ survivor, absorbed, proofs })).toEqual(needs('absorbed'));
  });

  it('LA4: one from before a merge, or from before it was undone', async () => {
    const [survivor, absorbed, third] = [...(await pair()), await estate.person()];
    const early = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
      third: await estate.prove(third.accountId),
    };
    const merged = await estate.mustMerge(survivor, absorbed);
    const again = { survivor, absorbed: third, proofs: { survivor: early.survivor, absorbed: early.third } };
    expect(await attempt(again)).toEqual(needs('survivor'));
    const between = await estate.prove(survivor.accountId);
    await estate.unmerge(survivor, merged.mergeId);
    expect(await attempt({ ...again, proofs: { ...again.proofs, survivor: between } })).toEqual(needs('survivor'));
    const other = { survivor: third, absorbed, proofs: { survivor: early.third, absorbed: early.absorbed } };
    expect(await attempt(other)).toEqual(needs('absorbed'));
  });

  it('LA34: an account that always asks for a second factor asks for it here', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person({ secondFactor: 'always' })];
    const proofs = {
      survivor: await estate.prove(survivor.accountId, 'Cl'),
      absorbed: await estate.prove(absorbed.accountId, 'Cl'),
    };
    expect(await attempt({ survivor, absorbed, proofs })).toEqual(needs('absorbed', 'Cl.Cm'));
    const both = { ...proofs, absorbed: await estate.prove(absorbed.accountId, 'Cl.Cm') };
    expect(await attempt({ survivor, absorbed, proofs: both })).toMatchObject({ outcome: 'merged' });
    const [row] = await estate.db.query({
      text: 'SELECT second_factor FROM accounts WHERE account_id = $1',
      values: [survivor.accountId],
    });
    expect(row).toEqual({ second_factor: 'always' });
  });

  it('a suspended account is no part of anything', async () => {
    const [survivor, absorbed] = await pair();
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    await estate.db.query({
      text: `UPDATE accounts SET status = 'suspended' WHERE account_id = $1`,
      values: [absorbed.accountId],
    });
    expect(await attempt({ survivor, absorbed, proofs })).toEqual({ outcome: 'refused', reason: 'account-not-active' });
  });

  it('E1: what is equal on both sides proves nothing', async () => {
    const [survivor, absorbed] = [
      await estate.person({ name: true, inherited: ['rents'] }),
      await estate.person({ name: true, inherited: ['permits'] }),
    ];
    const own = await estate.prove(survivor.accountId);
    expect(await attempt({ survivor, absorbed, proofs: { survivor: own, absorbed: own } })).toEqual(needs('absorbed'));
  });
});

describe('E2, LA03, L3: the plan', () => {
  it('shows every contact, link and conflict of both, moves nothing, uses no proof up', async () => {
    const survivor = await estate.person({ emails: 2, name: true, derived: ['rents'] });
    const absorbed = await estate.person({ name: true, language: 'cy', derived: ['rents', 'permits'], links: 2 });
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    const ids = { survivor: survivor.accountId, absorbed: absorbed.accountId };
    const before = await estate.dump(Object.values(ids));
    const planned = await estate.accounts.merging.plan({ ...ids, proofs, ...PLACE });
    if (planned.outcome !== 'planned') throw new Error(planned.outcome);
    const { plan } = planned;
    expect(await estate.dump(Object.values(ids))).toEqual(before);
    expect(plan.survivor.contacts.map(({ address }) => address)).toEqual(survivor.emails);
    expect(plan.absorbed.contacts.map(({ address }) => address)).toEqual(absorbed.emails);
    expect(plan.absorbed.links).toHaveLength(2);
    expect(plan.conflicts.map(({ about }) => about)).toEqual(['password', 'name', 'language', 'subject']);
    expect(plan.conflicts.at(-1)).toEqual({ about: 'subject', sector: 'rents' });
    expect(Object.fromEntries(plan.rows.map(({ kind, fate, count }) => [kind, [fate, count]]))).toMatchObject({
      contacts: ['moves', 1],
      password: ['survivor-keeps', 1],
      links: ['moves', 2],
      subjects: ['moves', 2],
      sessions: ['ends', undefined],
      knownDevices: ['stays-behind', undefined],
    });
    expect(await attempt({ survivor, absorbed, proofs })).toMatchObject({
      outcome: 'merged',
      contactsBefore: [
        ...survivor.emails.map((address) => ({ of: 'survivor', address, language: 'en' })),
        ...absorbed.emails.map((address) => ({ of: 'absorbed', address, language: 'cy' })),
      ],
    });
  });

  it('A11: tells nothing of an account that was not proved', async () => {
    const [mine, other] = await pair();
    const own = await estate.prove(mine.accountId);
    const ask = (survivor: string, absorbed: string): Promise<unknown> =>
      estate.accounts.merging.plan({ survivor, absorbed, proofs: { survivor: own, absorbed: own }, ...PLACE });
    const strangers = [other.accountId, '01a20423-0000-7000-8000-000000000000', 'nobody'];
    for (const answers of [
      await Promise.all(strangers.map((stranger) => ask(mine.accountId, stranger))),
      await Promise.all(strangers.map((stranger) => ask(stranger, mine.accountId))),
    ])
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('twelve addresses are the most, and nothing is dropped to get there', async () => {
    const [survivor, absorbed] = [await estate.person({ emails: 7 }), await estate.person({ emails: 6 })];
    expect(await estate.merge(survivor, absorbed)).toEqual({ outcome: 'refused', reason: 'too-many-contacts' });
  });
});

describe('races', () => {
  const outcomes = (results: readonly MergeResult[]): string[] =>
    results.map((result) => (result.outcome === 'refused' ? result.reason : result.outcome)).toSorted();

  it('LA35: the same merge ten times at once happens once', async () => {
    const [survivor, absorbed] = await pair();
    const proofs = {
      survivor: await estate.prove(survivor.accountId),
      absorbed: await estate.prove(absorbed.accountId),
    };
    const results = await Promise.all(Array.from({ length: 10 }, () => attempt({ survivor, absorbed, proofs })));
    expect(outcomes(results)).toEqual(['merged', ...Array.from({ length: 9 }, () => 'proof-used')]);
  });

  it('a into b and b into a: one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = await pair();
      const bothProofs = async () => ({
        one: await estate.prove(one.accountId),
        other: await estate.prove(other.accountId),
      });
      const [there, back] = [await bothProofs(), await bothProofs()];
      const results = await Promise.all([
        attempt({ survivor: one, absorbed: other, proofs: { survivor: there.one, absorbed: there.other } }),
        attempt({ survivor: other, absorbed: one, proofs: { survivor: back.other, absorbed: back.one } }),
      ]);
      expect(outcomes(results)).toEqual(['already-merged', 'merged']);
    }
  });

  it('one account into three others at once: into one of them', async () => {
    const absorbed = await estate.person({ links: 2, derived: ['rents'] });
    const survivors = await Promise.all([estate.person(), estate.person(), estate.person()]);
    const proofs = await Promise.all(
      survivors.map(async ({ accountId }) => ({
        survivor: await estate.prove(accountId),
        absorbed: await estate.prove(absorbed.accountId),
      })),
    );
    const results = await Promise.all(
      survivors.map((survivor, n) => attempt({ survivor, absorbed, proofs: proofs[n]! })),
    );
    expect(outcomes(results)).toEqual(['already-merged', 'already-merged', 'merged']);
    const live = await estate.db.query({
      text: 'SELECT DISTINCT account_id FROM links WHERE legacy_key = ANY($1) AND undone_at IS NULL',
      values: [absorbed.legacyKeys],
    });
    expect(live).toHaveLength(1);
  });

  it('the schema alone lets no account be in two merges', async () => {
    const [survivor, absorbed] = await pair();
    await estate.mustMerge(survivor, absorbed);
    await expect(
      estate.db.query({
        text: `INSERT INTO merged_accounts SELECT absorbed_id, $2, merge_id, merged_at FROM merged_accounts
               WHERE absorbed_id = $1`,
        values: [absorbed.accountId, (await estate.person()).accountId],
      }),
    ).rejects.toMatchObject({ code: '23505' });
  });

  it('and what the schema says goes before what a status says', async () => {
    const [survivor, absorbed] = await pair();
    await estate.db.query({
      text: 'INSERT INTO merged_accounts (absorbed_id, survivor_id, merge_id, merged_at) VALUES ($1, $2, $3, now())',
      values: [absorbed.accountId, (await estate.person()).accountId, survivor.accountId],
    });
    expect(await estate.merge(survivor, absorbed)).toEqual({ outcome: 'refused', reason: 'already-merged' });
  });

  it('with a new password of the absorbed account: either it counts and must be proved, or it comes too late', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const [survivor, absorbed] = await pair();
      const hash = await estate.accounts.hashPassword(`another password ${round}`);
      const proofs = {
        survivor: await estate.prove(survivor.accountId),
        absorbed: await estate.prove(absorbed.accountId),
      };
      const set = async (): Promise<string> => {
        await new Promise((resolve) => setTimeout(resolve, round));
        return estate.db
          .transaction((tx) =>
            estate.accounts.setPassword(tx, absorbed.accountId, { hash, belowPolicy: false }, CITIZEN),
          )
          .then(() => 'set')
          .catch((error: { code: string }) => error.code);
      };
      const [merged, changed] = await Promise.all([attempt({ survivor, absorbed, proofs }), set()]);
      seen.add(`${merged.outcome} ${changed}`);
    }
    for (const outcome of seen) expect(['needs-proof set', 'merged not_found']).toContain(outcome);
  });

  it('with a sign-in: the sub it writes moves along, or is not written', async () => {
    for (let round = 0; round < 12; round += 1) {
      const [survivor, absorbed] = await pair();
      const proofs = {
        survivor: await estate.prove(survivor.accountId),
        absorbed: await estate.prove(absorbed.accountId),
      };
      const signIn = async (): Promise<string | undefined> => {
        await new Promise((resolve) => setTimeout(resolve, round));
        return estate.db
          .transaction((tx) => estate.accounts.subjects.ensure(tx, { accountId: absorbed.accountId, sector: 'rents' }))
          .catch((error: { code: string }) => (error.code === 'not_allowed' ? undefined : error.code));
      };
      const [merged, sub] = await Promise.all([attempt({ survivor, absorbed, proofs }), signIn()]);
      expect(merged.outcome).toBe('merged');
      expect(await estate.accounts.subjects.find(survivor.accountId, 'rents')).toBe(sub);
      expect(await estate.accounts.subjects.find(absorbed.accountId, 'rents')).toBeUndefined();
    }
  });

  it('un-merge ten times at once happens once', async () => {
    const [survivor, absorbed] = await pair();
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    const results = await Promise.all(Array.from({ length: 10 }, () => estate.unmerge(survivor, mergeId)));
    expect(results.filter(({ outcome }) => outcome === 'unmerged')).toHaveLength(1);
  });
});

describe('I6: all of it or nothing', () => {
  /** A transaction that is cut off at its n-th statement. */
  const cutAt =
    (n: number, seen: string[]) =>
    (tx: Transaction): Transaction => ({
      ...tx,
      query(statement) {
        if (seen.length === n) return Promise.reject(new Error('cut'));
        seen.push(statement.text);
        return tx.query(statement);
      },
    });

  const RICH = { emails: 2, derived: ['rents', 'permits'], links: 2, devices: 1, name: true } as const;
  const TABLES = ['merges', 'merged_accounts', 'merge_entries', 'subject_moves', 'session_endings', 'audit_events'];
  const everything = async (ids: readonly string[]): Promise<unknown> => ({
    dump: await estate.dump(ids),
    counts: await Promise.all(
      TABLES.map((table) => estate.db.query({ text: `SELECT count(*) AS count FROM ${table}` })),
    ),
  });

  /** Runs it again and again, cut off one statement later each time, until it is through. Answers how many it has. */
  async function cutEverywhere(
    people: readonly Person[],
    run: (within: (tx: Transaction) => Transaction) => Promise<unknown>,
  ): Promise<{ statements: number; result: unknown }> {
    const ids = people.map(({ accountId }) => accountId);
    const before = await everything(ids);
    for (let statements = 0; ; statements += 1) {
      const result = await run(cutAt(statements, [])).catch((error: Error) => error.message);
      if (result !== 'cut') return { statements, result };
      expect(await everything(ids)).toEqual(before);
    }
  }

  it('a merge that ends at any of its statements leaves nothing', async () => {
    const people = [await estate.person(RICH), await estate.person({ ...RICH, secondFactor: 'always' })] as const;
    const { statements, result } = await cutEverywhere(people, (within) => estate.merge(...people, within));
    expect(result).toMatchObject({ outcome: 'merged' });
    expect(statements).toBeGreaterThan(30);
  });

  it('an un-merge likewise', async () => {
    const people = [await estate.person(RICH), await estate.person(RICH)] as const;
    const { mergeId } = await estate.mustMerge(...people);
    const request = { survivor: people[0].accountId, mergeId };
    const { statements, result } = await cutEverywhere(people, (within) =>
      estate.db.transaction((tx) => estate.accounts.merging.unmerge(within(tx), request, CITIZEN)),
    );
    expect(result).toMatchObject({ outcome: 'unmerged' });
    expect(statements).toBeGreaterThan(25);
  });

  it('S6: no distribution key is ever rewritten', async () => {
    const [survivor, absorbed] = [await estate.person(RICH), await estate.person(RICH)];
    const seen: string[] = [];
    const record = cutAt(Infinity, seen);
    const merged = await estate.merge(survivor, absorbed, record);
    if (merged.outcome !== 'merged') throw new Error(merged.outcome);
    await estate.db.transaction((tx) =>
      estate.accounts.merging.unmerge(record(tx), { survivor: survivor.accountId, mergeId: merged.mergeId }, CITIZEN),
    );
    const keyed = 'identities|credentials|links|subjects|subject_aliases|accounts|known_devices';
    const rewritten = seen.filter((text) =>
      new RegExp(`UPDATE (${keyed})\\s+SET[^;]*account_id =`).test(text.split('WHERE')[0]!),
    );
    expect(seen.length).toBeGreaterThan(60);
    expect(rewritten).toEqual([]);
  });
});
