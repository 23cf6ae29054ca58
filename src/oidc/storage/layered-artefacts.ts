import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { ArtefactKey, ArtefactStorage } from './artefact-storage.ts';

/**
 * Redis first; Postgres whenever Redis is away, and on every miss. Nothing is written to both, so an artefact is
 * consumed where it was found. With Redis away an artefact that was written there cannot be read: that is an outage
 * (503), not an unknown code.
 */
export function createLayeredArtefacts(redis: ArtefactStorage, postgres: ArtefactStorage): ArtefactStorage {
  /** Artefacts of this process's requests that were found in Postgres although Redis is in use. */
  const foundInPostgres = new WeakMap<ArtefactKey, true>();

  return {
    put: (key, payload, ttl) => orElse(redis.put(key, payload, ttl), () => postgres.put(key, payload, ttl)),
    putOnce: (key, payload, ttl) => orElse(redis.putOnce(key, payload, ttl), () => postgres.putOnce(key, payload, ttl)),
    async find(key) {
      let outage: LatchkeyError | undefined;
      try {
        const found = await redis.find(key);
        if (found) return found;
      } catch (error) {
        outage = asOutage(error);
      }
      const found = await postgres.find(key);
      if (found) foundInPostgres.set(key, true);
      else if (outage) throw outage;
      return found;
    },
    consume: (key, grantId) => (foundInPostgres.has(key) ? postgres : redis).consume(key, grantId),
    // With Redis away the artefact may come back with it: a revocation that cannot be kept is not acknowledged (I4).
    async remove(key) {
      await Promise.all([redis.remove(key), postgres.remove(key)]);
    },
  };
}

async function orElse<T>(first: Promise<T>, second: () => Promise<T>): Promise<T> {
  try {
    return await first;
  } catch (error) {
    asOutage(error);
    return second();
  }
}

/** Lets only outages through to the fallback: a programming error must not be mended by asking elsewhere. */
function asOutage(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError && error.code === 'unavailable') return error;
  throw error;
}
