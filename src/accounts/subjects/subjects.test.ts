import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestAccounts, testAccounts } from '../../../test/support/accounts.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { type InheritOutcome, isSubject } from './subjects.ts';

let test: TestAccounts;
let people = 0;
beforeAll(async () => {
  test = await testAccounts({ poolSize: 12 });
});
afterAll(() => test.drop());

const person = (): Promise<string> => test.person(`person-${(people += 1)}@example.org`);
const ensure = (accountId: string, sector: string): Promise<string> =>
  test.db.transaction((tx) => test.accounts.subjects.ensure(tx, { accountId, sector }));
const inherit = (accountId: string, sector: string, sub: string): Promise<InheritOutcome> =>
  test.db.transaction((tx) =>
    test.accounts.subjects.inherit(tx, { accountId, sector, sub, source: 'old-rents' }, { actor: 'citizen' }),
  );
const claimsOf = async (accountId: string): Promise<number> => {
  const rows = await test.db.query({ text: 'SELECT 1 FROM subject_claims WHERE account_id = $1', values: [accountId] });
  return rows.length;
};
const eventsOf = async (accountId: string): Promise<unknown[]> => {
  const rows = await test.db.query({
    text: `SELECT type FROM audit_events WHERE chain_id = $1 AND type LIKE 'subject.%' ORDER BY seq`,
    values: [`account:${accountId}`],
  });
  return rows.map((row) => row['type']);
};

describe('D12: the derived subject', () => {
  it('is pairwise by sector, stays as it was first written, and tells nothing of the account', async () => {
    const id = await person();
    expect(await test.accounts.subjects.find(id, 'rents.example')).toBeUndefined();
    const sub = await ensure(id, 'rents.example');
    expect(sub).toMatch(/^urn:fdc:latchkey:2026:[A-Za-z0-9_-]{43}$/);
    expect(isSubject(sub)).toBe(true);
    expect(sub).not.toContain(id);
    expect(await ensure(id, 'rents.example')).toBe(sub);
    expect(await test.accounts.subjects.find(id, 'rents.example')).toBe(sub);
    expect(await ensure(id, 'permits.example')).not.toBe(sub);
    expect(await ensure(await person(), 'rents.example')).not.toBe(sub);
    expect(await eventsOf(id)).toEqual(['subject.derived', 'subject.derived']);
  });

  it('I7: 20 first sign-ins at once write it once', async () => {
    const id = await person();
    const subs = await Promise.all(Array.from({ length: 20 }, () => ensure(id, 'rents.example')));
    expect(new Set(subs).size).toBe(1);
    expect(await eventsOf(id)).toEqual(['subject.derived']);
    expect(await claimsOf(id)).toBe(1);
  });
});

describe('the inherited subject', () => {
  it('is what the service knew, for ever, in its sector only', async () => {
    const id = await person();
    expect(await inherit(id, 'rents.example', 'R-1042')).toEqual({ outcome: 'inherited' });
    expect(await ensure(id, 'rents.example')).toBe('R-1042');
    expect(await ensure(id, 'permits.example')).toMatch(/^urn:fdc:/);
    expect(await inherit(id, 'rents.example', 'R-1042')).toEqual({ outcome: 'inherited' });
    expect(await eventsOf(id)).toEqual(['subject.inherited', 'subject.derived']);
  });

  it('never changes under a service that knows the account already', async () => {
    const id = await person();
    const sub = await ensure(id, 'rents.example');
    expect(await inherit(id, 'rents.example', 'R-2')).toEqual({ outcome: 'kept', sub });
    expect(await ensure(id, 'rents.example')).toBe(sub);
    expect(await inherit(await person(), 'rents.example', 'R-2')).toEqual({ outcome: 'inherited' });
  });

  it('L11: is nobody else’s, also when the old id was given to a new person', async () => {
    const [one, other] = [await person(), await person()];
    await inherit(one, 'rents.example', 'R-3');
    expect(await inherit(other, 'rents.example', 'R-3')).toEqual({ outcome: 'taken' });
    expect(await ensure(other, 'rents.example')).not.toBe('R-3');
    expect(await inherit(await person(), 'permits.example', 'R-3')).toEqual({ outcome: 'inherited' });
  });

  it('L13: of 10 who ask at once exactly one has it', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, person));
    const outcomes = await Promise.all(all.map((id) => inherit(id, 'rents.example', 'R-race')));
    expect(outcomes.filter(({ outcome }) => outcome === 'inherited')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'taken')).toHaveLength(9);
  });

  /** A transaction in which something else happens just before the subject is written. */
  const interrupted = (tx: Transaction, interrupt: () => Promise<unknown>): Transaction => {
    let waiting = true;
    return {
      ...tx,
      async query(statement) {
        if (waiting && statement.text.includes('INSERT INTO subjects')) {
          waiting = false;
          await interrupt();
        }
        return tx.query(statement);
      },
    };
  };

  it('inherited while a first sign-in derives: the sign-in takes the inherited one and lets go of its own', async () => {
    const id = await person();
    const sub = await test.db.transaction((tx) =>
      test.accounts.subjects.ensure(
        interrupted(tx, () => inherit(id, 'rents.example', 'R-4')),
        { accountId: id, sector: 'rents.example' },
      ),
    );
    expect([sub, await ensure(id, 'rents.example'), await claimsOf(id)]).toEqual(['R-4', 'R-4', 1]);
    expect(await eventsOf(id)).toEqual(['subject.inherited']);
  });

  it('derived while an adoption inherits: the sector keeps what it saw, and the old id stays free', async () => {
    const id = await person();
    const outcome = await test.db.transaction((tx) =>
      test.accounts.subjects.inherit(
        interrupted(tx, () => ensure(id, 'rents.example')),
        { accountId: id, sector: 'rents.example', sub: 'R-5', source: 'old-rents' },
      ),
    );
    expect(outcome).toEqual({ outcome: 'kept', sub: await ensure(id, 'rents.example') });
    expect([await claimsOf(id), await eventsOf(id)]).toEqual([1, ['subject.derived']]);
    expect(await inherit(await person(), 'rents.example', 'R-5')).toEqual({ outcome: 'inherited' });
  });

  it('races with a first sign-in: one wins, the sector sees one sub, no claim is left behind', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await person();
      const [sub, outcome] = await Promise.all([
        ensure(id, 'rents.example'),
        inherit(id, 'rents.example', `R-round-${round}`),
      ]);
      const final = await ensure(id, 'rents.example');
      expect(sub).toBe(final);
      expect(outcome).toEqual(
        final === sub && final.startsWith('urn:') ? { outcome: 'kept', sub } : { outcome: 'inherited' },
      );
      expect(await claimsOf(id)).toBe(1);
      expect(await eventsOf(id)).toHaveLength(1);
    }
  });

  it('must be able to stand in a token', async () => {
    const id = await person();
    for (const bad of ['', ' ', 'é', 'a\nb', 'x'.repeat(256), ' R-1', 'R-1 '])
      await expect(inherit(id, 'rents.example', bad)).rejects.toMatchObject({ code: 'input_invalid' });
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(isSubject(text)).toBe(/^[\x20-\x7e]{1,255}$/.test(text) && text.trim() === text);
      }),
    );
  });
});
