import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artefactKey, type ArtefactStorage } from '../../../src/oidc/storage/artefact-storage.ts';
import { createLayeredArtefacts } from '../../../src/oidc/storage/layered-artefacts.ts';
import { createPostgresArtefacts } from '../../../src/oidc/storage/postgres-artefacts.ts';
import { createRedisArtefacts } from '../../../src/oidc/storage/redis-artefacts.ts';
import { createCopySealer } from '../../../src/platform/crypto/copy-sealer.ts';
import { createKeyRing } from '../../../src/platform/crypto/key-ring.ts';
import { openRedis } from '../../../src/platform/redis/redis-client.ts';
import { testConfig } from '../../support/config.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';
import { redisAvailable, testRedis, type TestRedis } from '../../support/redis.ts';

const keyRing = createKeyRing(testConfig({}).secrets);
const sealer = createCopySealer(keyRing.derive('oidc-copies'));
const newKey = () => artefactKey('AuthorizationCode', randomUUID());

interface Opened {
  readonly storage: ArtefactStorage;
  readonly clock: { now: Date };
  /** Everything the store holds, as text. */
  readonly dump: () => Promise<string>;
}

let database: TestDatabase;
let redis: TestRedis | undefined;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  if (redisAvailable) redis = await testRedis();
});
afterAll(async () => {
  for (const close of closers) await close();
  await redis?.stop();
  await database.drop();
});

async function openPostgres(): Promise<Opened> {
  const clock = { now: new Date() };
  return {
    storage: createPostgresArtefacts({ db: database.db, keyRing, now: () => clock.now }),
    clock,
    dump: async () => JSON.stringify(await database.db.query({ text: `SELECT t::text FROM oidc_artefacts t` })),
  };
}

async function openRedisStore(): Promise<Opened> {
  const store = openRedis({ url: redis?.url ?? '', timeoutMs: 1000 }, () => {});
  await store.opened;
  closers.push(store.close);
  return { storage: createRedisArtefacts(store, sealer), clock: { now: new Date() }, dump: async () => '' };
}

async function openLayered(): Promise<Opened> {
  const postgres = await openPostgres();
  const { storage } = await openRedisStore();
  return { ...postgres, storage: createLayeredArtefacts(storage, postgres.storage) };
}

const STORES = [
  { name: 'postgres', open: openPostgres, needsRedis: false },
  { name: 'redis', open: openRedisStore, needsRedis: true },
  { name: 'redis over postgres', open: openLayered, needsRedis: true },
];

for (const { name, open, needsRedis } of STORES) {
  describe.skipIf(needsRedis && !redisAvailable)(`artefact storage in ${name}`, () => {
    it('gives back what was put, and nothing for what was not', async () => {
      const { storage } = await open();
      const key = newKey();
      expect(await storage.find(key)).toBeUndefined();
      await storage.put(key, { nonce: 'n', claims: { id_token: null } }, 60);
      expect(await storage.find(key)).toEqual({ payload: { nonce: 'n', claims: { id_token: null } }, consumed: false });
    });

    it('I2: of 50 parallel uses exactly one is told that it was the first', async () => {
      const { storage } = await open();
      const key = newKey();
      await storage.put(key, { grantId: 'g' }, 60);
      const answers = await Promise.all(Array.from({ length: 50 }, () => storage.consume(key, 'g')));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await storage.find(key)).toMatchObject({ consumed: true });
    });

    it('I2: of 50 parallel inserts of one jti exactly one succeeds', async () => {
      const { storage } = await open();
      const key = newKey();
      const answers = await Promise.all(Array.from({ length: 50 }, () => storage.putOnce(key, {}, 60)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    it('forgets what was removed', async () => {
      const { storage } = await open();
      const key = newKey();
      await storage.put(key, {}, 60);
      await storage.remove(key);
      expect(await storage.find(key)).toBeUndefined();
    });

    it('does not open what was put under another model', async () => {
      const { storage } = await open();
      const id = randomUUID();
      await storage.put(artefactKey('RefreshToken', id), {}, 60);
      expect(await storage.find(artefactKey('AuthorizationCode', id))).toBeUndefined();
    });
  });
}

describe('artefact storage in postgres, by itself', () => {
  it('does not find what ran out, and lets the same key be inserted anew', async () => {
    const { storage, clock } = await openPostgres();
    const key = newKey();
    expect(await storage.putOnce(key, { first: true }, 60)).toBe(true);
    clock.now = new Date(clock.now.getTime() + 61_000);
    expect(await storage.find(key)).toBeUndefined();
    expect(await storage.putOnce(key, { first: false }, 60)).toBe(true);
  });

  it('K12: holds neither ids nor payloads in clear', async () => {
    const { storage, dump } = await openPostgres();
    const id = 'an-id-that-a-client-presents';
    await storage.put(artefactKey('RefreshToken', id), { login_hint: 'someone@example.org' }, 60);
    const text = await dump();
    expect(text).not.toContain(id);
    expect(text).not.toContain(Buffer.from('someone@example.org').toString('hex'));
    expect(text).not.toContain('someone@example.org');
  });
});

describe.skipIf(!redisAvailable)('redis over postgres', () => {
  it('F13: with Redis away artefacts are written to, found in and consumed in Postgres', async () => {
    const own = await testRedis();
    const store = openRedis({ url: own.url, timeoutMs: 200 }, () => {});
    await store.opened;
    const { storage: postgres } = await openPostgres();
    const storage = createLayeredArtefacts(createRedisArtefacts(store, sealer), postgres);
    const before = newKey();
    await storage.put(before, {}, 60);
    await own.kill();

    await expect(storage.find(before)).rejects.toMatchObject({ code: 'unavailable' });
    // It may come back with Redis, so it cannot be said to be gone (I4).
    await expect(storage.remove(before)).rejects.toMatchObject({ code: 'unavailable' });
    const during = newKey();
    await storage.put(during, { grantId: 'g' }, 60);
    expect(await storage.find(during)).toMatchObject({ consumed: false });
    expect(await storage.consume(during, 'g')).toBe(true);

    await own.restart();
    await expect.poll(() => store.ready(), { timeout: 5000 }).toBe(true);
    expect(await storage.find(during)).toMatchObject({ consumed: true });
    await store.close();
    await own.stop();
  });
});
