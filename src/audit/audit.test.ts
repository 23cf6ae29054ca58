import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import { appendAudit } from './append-audit.ts';
import { createAuditBatch } from './audit-batch.ts';
import type { AuditEvent } from './audit-event.ts';
import { canonicalJson } from './chain-link.ts';
import { verifyChains } from './verify-chains.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase({ poolSize: 12 });
});
afterAll(() => test.drop());

const event = (chain: string, detail?: AuditEvent['detail']): AuditEvent => ({
  chain,
  type: 'account.created',
  actor: 'citizen',
  detail,
});
const append = (...events: AuditEvent[]): Promise<void> =>
  test.db.transaction(async (tx) => {
    for (const one of events) await appendAudit(tx, one);
  });
const countOf = async (chain: string): Promise<number> => {
  const [row] = await test.db.query<{ count: number }>({
    text: 'SELECT count(*) AS count FROM audit_events WHERE chain_id = $1',
    values: [chain],
  });
  return row!.count;
};
const brokenAfter = async (statement: string, chain: string): Promise<number[]> => {
  await test.db.query({ text: statement, values: [chain] });
  const report = await verifyChains(test.db);
  return report.broken.filter(({ chainId }) => chainId === chain).map(({ seq }) => seq);
};

const failingOnce = (failure: (run: () => Promise<unknown>) => Promise<never>): TestDatabase['db'] => {
  let failed = false;
  return {
    ...test.db,
    async query(statement) {
      if (failed || !statement.text.includes('INSERT')) return test.db.query(statement);
      failed = true;
      return failure(() => test.db.query(statement));
    },
  };
};

describe('appendAudit', () => {
  it('I7: the event stands if and only if its transaction does', async () => {
    await append(event('account:kept'));
    await expect(
      test.db.transaction(async (tx) => {
        await appendAudit(tx, event('account:undone'));
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect([await countOf('account:kept'), await countOf('account:undone')]).toEqual([1, 0]);
  });

  it('I7: 30 transactions at once on one chain all stand, once each, and the chain verifies', async () => {
    let runs = 0;
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        test.db.transaction((tx) => {
          runs += 1;
          return appendAudit(tx, event('account:busy', { index }));
        }),
      ),
    );
    expect(await countOf('account:busy')).toBe(30);
    // They waited for each other; none had to do its work again.
    expect(runs).toBe(30);
    const { broken } = await verifyChains(test.db);
    expect(broken).toEqual([]);
  });

  it('what SQL hashed is what the verifier hashes, for any detail', async () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const text = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((word) => !/[@＠﹫%\p{Cc}\u2028\u2029]/u.test(word));
    const detail = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,12}$/), fc.oneof(value, text), { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(detail, async (words) => {
        await append(event('account:any', words));
      }),
      { numRuns: 60 },
    );
    const report = await verifyChains(test.db);
    expect(report.broken).toEqual([]);
    expect(await countOf('account:any')).toBe(60);
  });
});

describe('G2: the chain', () => {
  it.each([
    ['type', `UPDATE audit_events SET type = 'account.closed' WHERE chain_id = $1 AND seq = 3`, [3]],
    ['body', `UPDATE audit_events SET body = body || '{"actor":"system"}' WHERE chain_id = $1 AND seq = 3`, [3]],
    ['time', `UPDATE audit_events SET at = at + interval '1 ms' WHERE chain_id = $1 AND seq = 3`, [3]],
    ['hash', `UPDATE audit_events SET hash = sha256('x') WHERE chain_id = $1 AND seq = 3`, [3, 4]],
    ['row gone', `DELETE FROM audit_events WHERE chain_id = $1 AND seq = 3`, [3]],
    ['first row gone', `DELETE FROM audit_events WHERE chain_id = $1 AND seq = 1`, [1]],
    [
      'two rows swapped',
      `UPDATE audit_events SET body = CASE seq WHEN 2 THEN '{"actor":"citizen","detail":{"index":3}}'::jsonb
         ELSE '{"actor":"citizen","detail":{"index":2}}'::jsonb END WHERE chain_id = $1 AND seq IN (2, 3)`,
      [2, 3],
    ],
  ])('names the altered row: %s', async (what, statement, expected) => {
    const chain = `account:altered-${what.replaceAll(' ', '-')}`;
    await append(...[1, 2, 3, 4, 5].map((index) => event(chain, { index })));
    expect(await brokenAfter('SELECT 1 WHERE $1 = $1', chain)).toEqual([]);
    expect(await brokenAfter(statement, chain)).toEqual(expected);
    await test.db.query({ text: 'DELETE FROM audit_events WHERE chain_id = $1', values: [chain] });
  });

  it('counts chains and events over several pages', async () => {
    await test.db.query({ text: 'DELETE FROM audit_events' });
    const batch = createAuditBatch({ db: test.db, nodeId: 'pages', onError: () => undefined });
    for (let index = 0; index < 4100; index += 1)
      batch.record({ type: 'account.signed-in-silently', actor: 'citizen', detail: { index } });
    await batch.close();
    await append(event('account:one-more'));
    expect(await verifyChains(test.db)).toEqual({ chains: 2, events: 4101, broken: [] });
  });
});

describe('G2: no personal data', () => {
  it.each([
    ['an address', { note: 'ada@example.org' }],
    ['an address in a sentence', { note: 'sent to ada@example.org today' }],
    ['a full-width address', { note: 'ada＠example.org' }],
    ['an encoded address', { note: 'email=ada%40example.org' }],
    ['a phone number', { note: '+44 7700 900123' }],
    ['an address as key', { 'ada@example.org': true }],
    ['a line break (K10)', { note: 'one\ntwo' }],
    ['a long text', { note: 'x'.repeat(257) }],
    ['a number that is none', { note: Number.NaN }],
  ])('%s in the detail is refused, and its value not repeated', async (_, detail) => {
    await expect(append(event('account:refused', detail))).rejects.toThrow(/^audit: detail(?!.*(?:ada|7700))/);
    expect(await countOf('account:refused')).toBe(0);
  });

  it('an address elsewhere, and an unknown kind of actor, are refused too', async () => {
    for (const wrong of [
      { ...event('account:ada@example.org') },
      { ...event('account:a'), correlationId: 'ada@example.org' },
      { ...event('account:a'), clientId: 'ada@example.org' },
      { ...event('account:a'), actor: 'operator:ada@example.org' },
      { ...event('account:a'), actor: 'Ada' },
    ])
      await expect(append(wrong)).rejects.toThrow(/^audit: /);
  });
});

describe('createAuditBatch', () => {
  const silent = { type: 'account.signed-in-silently', actor: 'citizen' } as const;
  it('writes by itself soon, on the chain of its process', async () => {
    const batch = createAuditBatch({ db: test.db, nodeId: 'soon', intervalMs: 10, onError: () => undefined });
    batch.record(silent);
    await expect.poll(() => countOf('node:soon')).toBe(1);
    await batch.close();
  });

  it('goes on where an earlier process of the same name stopped', async () => {
    for (const round of [1, 2]) {
      const batch = createAuditBatch({ db: test.db, nodeId: 'again', onError: () => undefined });
      batch.record({ ...silent, detail: { round } });
      await batch.close();
    }
    expect(await countOf('node:again')).toBe(2);
    const { broken } = await verifyChains(test.db);
    expect(broken).toEqual([]);
  });

  it('keeps events while Postgres is away', async () => {
    const db = failingOnce(() => Promise.reject(new Error('away')));
    const batch = createAuditBatch({ db, nodeId: 'away', intervalMs: 60_000, onError: () => undefined });
    batch.record(silent);
    await expect(batch.flush()).rejects.toThrow('away');
    batch.record(silent);
    await batch.close();
    expect(await countOf('node:away')).toBe(2);
  });

  it('I7: writes once when the answer to a committed insert was lost', async () => {
    const db = failingOnce(async (run) => {
      await run();
      throw new Error('connection lost');
    });
    const batch = createAuditBatch({ db, nodeId: 'lost', intervalMs: 60_000, onError: () => undefined });
    batch.record(silent);
    await expect(batch.flush()).rejects.toThrow('connection lost');
    await batch.close();
    expect(await countOf('node:lost')).toBe(1);
    const { broken } = await verifyChains(test.db);
    expect(broken).toEqual([]);
  });

  it('past its limit drops, counts, and records the count', async () => {
    const batch = createAuditBatch({ db: test.db, nodeId: 'full', limit: 3, intervalMs: 60_000, onError: () => {} });
    for (let index = 0; index < 5; index += 1) batch.record(silent);
    await batch.close();
    const rows = await test.db.query({
      text: `SELECT type, body->'detail'->'count' AS count FROM audit_events WHERE chain_id = 'node:full' ORDER BY seq`,
    });
    expect(rows.map((row) => row['type'])).toEqual([...Array<string>(3).fill(silent.type), 'audit.dropped']);
    expect(rows.at(-1)).toMatchObject({ count: 2 });
  });

  it('G2: refuses personal data when it is recorded', () => {
    const batch = createAuditBatch({ db: test.db, nodeId: 'strict', onError: () => undefined });
    expect(() => batch.record({ ...silent, detail: { note: 'ada@example.org' } })).toThrow('audit: detail.note');
  });
});

describe('canonicalJson', () => {
  it('is the same whatever the order of keys, and reads back as JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toHaveLength(JSON.stringify(value).length);
      }),
    );
  });
});
