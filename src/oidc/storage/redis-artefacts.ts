import type { CopySealer } from '../../platform/crypto/copy-sealer.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import type { ArtefactKey, ArtefactStorage } from './artefact-storage.ts';
import { parseRecord } from './sealed-json.ts';

/** The mark that a grant was revoked lives as long as anything short-lived that was issued under it. */
const REVOKED_MARK_SECONDS = 3600;

const bodyKey = (key: ArtefactKey): string => `{a:${key.digest.toString('base64url')}}`;
const usedKey = (key: ArtefactKey): string => `${bodyKey(key)}:used`;
const revokedKey = (grantId: string): string => `{grant:${grantId}}:revoked`;

export interface RedisArtefacts extends ArtefactStorage {
  /** Marks grants as revoked, so that codes under them can no longer be used. */
  markRevoked(grantIds: readonly string[]): Promise<void>;
}

/**
 * Artefacts in Redis: one command to write, one to read, and for `consume` two in one round trip. An artefact and its
 * `used` mark share a hash tag; a grant's mark has its own (rules Q1 to Q3).
 */
export function createRedisArtefacts(redis: RedisStore, sealer: CopySealer): RedisArtefacts {
  return {
    async put(key, payload, ttlSeconds) {
      await redis.set(bodyKey(key), sealer.seal(JSON.stringify(payload), key.model), { ttlSeconds });
    },
    putOnce: (key, payload, ttlSeconds) =>
      redis.set(bodyKey(key), sealer.seal(JSON.stringify(payload), key.model), { ttlSeconds, onlyIfAbsent: true }),
    async find(key) {
      const [body, used] = await redis.mget([bodyKey(key), usedKey(key)]);
      const json = body && sealer.open(body, key.model);
      return json === undefined ? undefined : { payload: parseRecord(json), consumed: used !== undefined };
    },
    async consume(key, grantId) {
      const [first, revoked] = await Promise.all([
        redis.set(usedKey(key), Buffer.of(1), { ttlSeconds: REVOKED_MARK_SECONDS, onlyIfAbsent: true }),
        grantId === undefined ? undefined : redis.get(revokedKey(grantId)),
      ]);
      return first && revoked === undefined;
    },
    async remove(key) {
      await redis.del([bodyKey(key)]);
    },
    async markRevoked(grantIds) {
      await Promise.all(
        grantIds.map((id) => redis.set(revokedKey(id), Buffer.of(1), { ttlSeconds: REVOKED_MARK_SECONDS })),
      );
    },
  };
}
