import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKeyRing } from '../../platform/crypto/key-ring.ts';
import { testConfig } from '../../../test/support/config.ts';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.ts';
import { writeSession } from './sessions.ts';
import { sweepSessions } from './sweep-sessions.ts';

let database: TestDatabase;
const keyRing = createKeyRing(testConfig({}).secrets);
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

async function session(exp: Date): Promise<void> {
  const payload = { uid: randomUUID(), exp: Math.floor(exp.getTime() / 1000), accountId: randomUUID() };
  const stored = { payload, savedAt: Date.now() };
  await database.db.transaction((tx) => writeSession(tx, keyRing, { sessionKey: randomBytes(32), stored }));
}

it('takes what ran out and every row that led there, and leaves the rest and what may have been used since', async () => {
  const now = new Date();
  await session(new Date(now.getTime() - 660_000));
  await session(new Date(now.getTime() - 60_000));
  await session(new Date(now.getTime() + 60_000));
  expect(await sweepSessions(database.db, now)).toBe(1);
  expect(await sweepSessions(database.db, now)).toBe(0);
  for (const table of ['sessions', 'session_uids', 'account_sessions']) {
    const [row] = await database.db.query({ text: `SELECT count(*) AS rows FROM ${table}` });
    expect([table, row?.['rows']]).toEqual([table, 2]);
  }
});
