import { LatchkeyError, unavailable } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import { artefactKey, type ArtefactStorage } from './artefact-storage.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';

const MODEL = 'ReplayDetection';
/** Lives as long as Redis's memory does, and says since when it is whole. Missing: Redis was flushed or replaced. */
const MEMORY_MARK = '{replay}:since';
/** The schema's first value is before this. */
const FIRST_USE = new Date('2000-01-02T00:00:00Z');
const MARK_SECONDS = 365 * 24 * 3600;

/** Every node has read a new epoch by then (it polls each second). */
const ALL_KNOW_MS = 1500;
/** A node without Redis says so again this often, and until well after that every node asks both stores. */
const SAY_AGAIN_MS = 300_000;
const DOUBT_MS = SAY_AGAIN_MS + 360_000;

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

/**
 * Replay memory: Redis while it is there, Postgres while it is not, and never a gap between the two (rule Q5). Some time
 * before and after a node moves from one to the other, all nodes ask both; what was issued earlier than that is refused.
 */
export function createReplayMemory(deps: Deps): ReplayMemory {
  const { redis, postgres, epoch, now } = deps;
  const inPostgres = (id: string, ttlSeconds: number): Promise<boolean> =>
    postgres.putOnce(artefactKey(MODEL, id), {}, ttlSeconds);
  if (!redis) return { begin: async () => {}, remember: (id, _issuedAt, ttlSeconds) => inPostgres(id, ttlSeconds) };

  const mark = createMemoryMark(redis, deps);
  let saidAwayAt = -Infinity;
  const sayAway = async (): Promise<void> => {
    const at = now().getTime();
    if (at - saidAwayAt < SAY_AGAIN_MS) return;
    await epoch.forgetReplaysBefore(deps.db, new Date(at + ALL_KNOW_MS));
    saidAwayAt = at;
  };
  /** When memory began, as this node and this Redis know it (epoch ms). */
  const beginning = (markedAt: number): number => Math.max(epoch.replayNotBefore().getTime(), markedAt);

  return {
    async begin() {
      await redis.opened;
      if (redis.ready()) await mark.restore(await redis.get(MEMORY_MARK));
    },
    async remember(id, issuedAt, ttlSeconds) {
      let fresh: boolean;
      let markedAt = 0;
      try {
        // One round trip: the insert, and since when Redis has its memory.
        const [isFirst, found] = await Promise.all([
          redis.set(`{jti:${id}}`, Buffer.of(1), { ttlSeconds, onlyIfAbsent: true }),
          redis.get(MEMORY_MARK),
        ]);
        fresh = isFirst;
        markedAt = await mark.restore(found);
      } catch (error) {
        if (!(error instanceof LatchkeyError)) throw error;
        await sayAway();
        fresh = await inPostgres(id, ttlSeconds);
        refuseIfOlder(issuedAt, beginning(0));
        return fresh;
      }
      const begin = beginning(markedAt);
      refuseIfOlder(issuedAt, begin);
      const at = now().getTime();
      // A client whose clock is fast makes assertions that look newer than a loss of Redis which they came before.
      const isDoubtful = at < begin + DOUBT_MS || (issuedAt !== undefined && issuedAt * 1000 > at);
      return isDoubtful ? (await inPostgres(id, ttlSeconds)) && fresh : fresh;
    },
  };
}

function refuseIfOlder(issuedAt: number | undefined, begin: number): void {
  if (issuedAt !== undefined && issuedAt * 1000 <= begin) throw unavailable('replay memory began after this assertion');
}

interface MemoryMark {
  /** Answers since when memory is whole; when the mark is gone it begins anew, here and for every node. */
  restore(found: Buffer | undefined): Promise<number>;
}

function createMemoryMark(redis: RedisStore, { db, epoch, now }: Deps): MemoryMark {
  let last: { readonly bytes: Buffer; readonly at: number } | undefined;
  return {
    async restore(found) {
      if (found && last?.bytes.equals(found)) return last.at;
      let bytes = found;
      if (!bytes) {
        // Where nothing was ever remembered nothing can be replayed: a first start refuses nobody.
        const since = epoch.replayNotBefore() < FIRST_USE ? FIRST_USE : now();
        await epoch.forgetReplaysBefore(db, since);
        bytes = Buffer.from(since.toISOString());
        await redis.set(MEMORY_MARK, bytes, { ttlSeconds: MARK_SECONDS });
      }
      last = { bytes, at: Date.parse(bytes.toString()) };
      return last.at;
    },
  };
}
