import { unavailable } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';

/** Tells Redis what Postgres already decided. */
export type TellRedis = (tell: () => Promise<unknown>) => Promise<void>;

/**
 * When Redis cannot be told, its copies are disbelieved as a whole: the epoch rises, and every node reads Postgres until
 * new copies are made. So nothing that was ended or changed comes back with Redis (invariant I4).
 */
export function createTellRedis(db: Database, epoch: PerishableEpoch): TellRedis {
  return async (tell) => {
    try {
      await tell();
    } catch (error) {
      if (!isAway(error)) throw error;
      await epoch.raise(db);
    }
  };
}

/** For a copy that could not be read or written: what is away is Redis, so Postgres has the only word. */
export function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === unavailable('redis').code;
}
