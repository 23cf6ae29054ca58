import { LatchkeyError, unavailable } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import { artefactKey, type ArtefactStorage } from './artefact-storage.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';

const MODEL = 'ReplayDetection';
/** Lives as long as Redis's memory does: when it is missing, Redis was flushed or replaced. */
const MEMORY_MARK = '{replay}:since';
/** The schema's first value is before this. */
const FIRST_USE = new Date('2000-01-02T00:00:00Z');
const MARK_SECONDS = 365 * 24 * 3600;

export interface ReplayMemory {
  /** Looks whether Redis still has its memory. Call it once, before the first request. */
  begin(): Promise<void>;
  /**
   * Remembers that an assertion was used. `false`: it was used before.
   * @throws LatchkeyError `unavailable` when it was issued before the memory began: nobody can tell, so it is refused
   * and an honest client, which makes a new assertion, gets through.
   */
  remember(id: string, issuedAt: number | undefined, ttlSeconds: number): Promise<boolean>;
}

interface Deps {
  readonly db: Database;
  readonly epoch: PerishableEpoch;
  readonly postgres: ArtefactStorage;
  readonly redis: RedisStore | undefined;
  readonly now: () => Date;
}

/** Replay memory: Redis while it is there, Postgres while it is not, and never a gap between the two (rule Q5). */
export function createReplayMemory({ db, epoch, postgres, redis, now }: Deps): ReplayMemory {
  let redisWasUp: boolean | undefined;

  /** Where nothing was ever remembered nothing can be replayed: a first start refuses nobody. */
  const beginAnew = (): Promise<void> =>
    epoch.forgetReplaysBefore(db, epoch.replayNotBefore() < FIRST_USE ? FIRST_USE : now());
  const mark = (store: RedisStore): Promise<boolean> =>
    store.set(MEMORY_MARK, Buffer.from(now().toISOString()), { ttlSeconds: MARK_SECONDS });

  const refuseIfOlder = (issuedAt: number | undefined): void => {
    const begin = epoch.replayNotBefore().getTime();
    if (issuedAt !== undefined && issuedAt * 1000 <= begin)
      throw unavailable('replay memory began after this assertion');
  };

  /** One round trip: the insert, and whether Redis still knows that its memory is whole. */
  const rememberInRedis = async (store: RedisStore, id: string, ttlSeconds: number): Promise<boolean> => {
    const [fresh, isWhole] = await Promise.all([
      store.set(`{jti:${id}}`, Buffer.of(1), { ttlSeconds, onlyIfAbsent: true }),
      store.get(MEMORY_MARK),
    ]);
    if (!isWhole) {
      await beginAnew();
      await mark(store);
    } else if (redisWasUp === false) {
      await beginAnew();
    }
    redisWasUp = true;
    return fresh;
  };

  return {
    async begin() {
      if (!redis) return;
      await redis.opened;
      if (!redis.ready() || (await redis.get(MEMORY_MARK))) return;
      await beginAnew();
      await mark(redis);
    },
    async remember(id, issuedAt, ttlSeconds) {
      let fresh: boolean;
      try {
        fresh = redis
          ? await rememberInRedis(redis, id, ttlSeconds)
          : await postgres.putOnce(artefactKey(MODEL, id), {}, ttlSeconds);
      } catch (error) {
        if (!redis || !(error instanceof LatchkeyError)) throw error;
        if (redisWasUp !== false) await beginAnew();
        redisWasUp = false;
        fresh = await postgres.putOnce(artefactKey(MODEL, id), {}, ttlSeconds);
      }
      refuseIfOlder(issuedAt);
      return fresh;
    },
  };
}
