import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../../test/support/config.ts';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.ts';
import { createKeyRing } from '../../platform/crypto/key-ring.ts';
import { createJourneyStore } from './journey-store.ts';

const now = new Date('2026-11-22T12:00:00Z');
const expiresAt = new Date('2026-11-22T13:00:00Z');
const state = { way: 'sign-in', facts: { address: 'sian@example.org' } } as const;

describe('journeys at rest', () => {
  let database: TestDatabase;
  const keyRing = createKeyRing(testConfig().secrets);
  let clock = now;
  const store = createJourneyStore(keyRing, () => clock);
  const keyOf = (id: string, browser = 'b') => ({ id, browserKey: keyRing.lookupKey('test', browser, id) });
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('comes back as it was left, to the browser that left it', async () => {
    const { db } = database;
    expect(await store.load(db, keyOf('one'))).toEqual({ outcome: 'none' });
    expect(await store.save(db, keyOf('one'), { version: 0, state, expiresAt })).toBe(true);
    expect(await store.load(db, keyOf('one'))).toEqual({ outcome: 'found', journey: { version: 1, state } });
    expect(await store.load(db, keyOf('one', 'thief')), 'X10').toEqual({ outcome: 'another-browser' });
  });

  it('of twenty writes of one version exactly one counts, from the first on', async () => {
    const { db } = database;
    for (const version of [0, 1]) {
      const saved = await Promise.all(
        Array.from({ length: 20 }, () => store.save(db, keyOf('race'), { version, state, expiresAt })),
      );
      expect(saved.filter(Boolean).length).toBe(1);
    }
  });

  it('another browser cannot write it', async () => {
    const { db } = database;
    await store.save(db, keyOf('held'), { version: 0, state, expiresAt });
    expect(await store.save(db, keyOf('held', 'thief'), { version: 1, state, expiresAt })).toBe(false);
  });

  it('is over when its time is', async () => {
    const { db } = database;
    await store.save(db, keyOf('old'), { version: 0, state, expiresAt });
    clock = new Date(expiresAt);
    expect(await store.load(db, keyOf('old'))).toEqual({ outcome: 'none' });
    clock = now;
  });

  it('G1: what it holds cannot be read from the table', async () => {
    const { db } = database;
    await store.save(db, keyOf('sealed'), { version: 0, state, expiresAt });
    const rows = await db.query({ text: 'SELECT * FROM journeys' });
    expect(JSON.stringify(rows.map((row) => Object.values(row).map(String)))).not.toContain('sian@');
  });
});
