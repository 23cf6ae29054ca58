import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisAvailable, testRedis, type TestRedis } from '../../../test/support/redis.ts';
import { openRedis, type RedisStore } from './redis-client.ts';

const OUTAGE = { code: 'unavailable', statusCode: 503 };
const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !condition(); i += 1) await sleep(10);
  if (!condition()) throw new Error('waited too long');
};

describe.skipIf(!redisAvailable)('redis', () => {
  let server: TestRedis;
  let redis: RedisStore;
  const commands: string[] = [];
  const errors: Error[] = [];
  let roundTrips = 0;

  beforeAll(async () => {
    server = await testRedis();
    redis = openRedis(
      {
        url: server.url,
        timeoutMs: 200,
        onCommand: (name) => commands.push(name),
        onRoundTrip: () => {
          roundTrips += 1;
        },
      },
      (error) => errors.push(error),
    );
    await redis.opened;
  });
  afterAll(async () => {
    await redis.close();
    await server.stop();
  });

  it('gives back bytes as they were, and tells absent from empty', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await redis.set('{a}', bytes, { ttlSeconds: 60 });
    await redis.set('{a}:empty', Buffer.alloc(0), { ttlSeconds: 60 });
    expect(await redis.get('{a}')).toEqual(bytes);
    expect(await redis.mget(['{a}', '{a}:none', '{a}:empty'])).toEqual([bytes, undefined, Buffer.alloc(0)]);
    await redis.del(['{a}', '{a}:empty']);
    expect(await redis.get('{a}')).toBeUndefined();
  });

  it('lets exactly one of fifty parallel inserts win', async () => {
    const tries = Array.from({ length: 50 }, (_, i) => Buffer.of(i));
    const won = await Promise.all(
      tries.map((value) => redis.set('{once}', value, { ttlSeconds: 60, onlyIfAbsent: true })),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('sends what is issued together in one round trip', async () => {
    commands.length = 0;
    roundTrips = 0;
    await Promise.all([redis.get('{x}'), redis.get('{y}'), redis.mget(['{z}'])]);
    await redis.get('{x}');
    expect({ commands, roundTrips }).toEqual({ commands: ['GET', 'GET', 'MGET', 'GET'], roundTrips: 2 });
  });

  it('names the history of the server it talks to', async () => {
    expect(await redis.replicationId()).toMatch(/^[0-9a-f]{40}$/);
  });

  it('waits for an answer that came while the process itself was busy', async () => {
    const answer = redis.get('{busy}');
    await new Promise((done) => setImmediate(done));
    const end = Date.now() + 300;
    while (Date.now() < end);
    expect(await answer).toBeUndefined();
    expect(redis.ready()).toBe(true);
  });

  it('F16: gives up on a server that does not answer, then fails at once, then finds it again', async () => {
    server.freeze();
    const started = performance.now();
    await expect(redis.get('{x}')).rejects.toMatchObject(OUTAGE);
    expect(performance.now() - started).toBeLessThan(400);

    const again = performance.now();
    await expect(redis.get('{x}')).rejects.toMatchObject(OUTAGE);
    expect(performance.now() - again).toBeLessThan(20);
    expect(redis.ready()).toBe(false);
    // Frozen for longer than one attempt to connect may take: attempts end and begin again.
    await sleep(1_500);
    expect(errors.some((error) => /timed out|not available/.test(error.message))).toBe(true);

    server.thaw();
    await until(() => redis.ready());
    expect(await redis.get('{x}')).toBeUndefined();
  });

  it('F13: fails at once while the server is dead, and comes back to a new one with another history', async () => {
    const before = await redis.replicationId();
    errors.length = 0;
    await server.kill();
    await until(() => !redis.ready());
    await expect(redis.set('{x}', Buffer.of(1), { ttlSeconds: 5 })).rejects.toMatchObject(OUTAGE);
    expect(errors).not.toHaveLength(0);

    await server.restart();
    await until(() => redis.ready());
    expect(await redis.replicationId()).not.toBe(before);
  });
});

describe('redis that was never there', () => {
  it('is an outage, and closing ends the attempts', async () => {
    const redis = openRedis({ url: 'redis://127.0.0.1:1', timeoutMs: 50 }, () => {});
    await redis.opened;
    expect(redis.ready()).toBe(false);
    await expect(redis.get('{x}')).rejects.toMatchObject(OUTAGE);
    await redis.close();
  });
});
