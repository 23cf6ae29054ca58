import type { CopySealer } from '../../platform/crypto/copy-sealer.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import { asGrant, type StoredGrant } from './grants.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';
import { requestMemory } from './request-memory.ts';
import { parseRecord } from './sealed-json.ts';
import { asStored, type StoredSession } from './sessions.ts';

/**
 * Copies of sessions in Redis: one key for the session, one for its grant at each service, and one that says that it
 * ended, under one hash tag, so a silent sign-in reads them in one command. Postgres has the truth; a copy is believed
 * only in its epoch.
 */
export interface SessionCopies {
  read(sessionKey: Buffer, clientId: string | undefined): Promise<{ session?: StoredSession; grant?: StoredGrant }>;
  write(sessionKey: Buffer, copy: SessionCopy): Promise<void>;
  forget(sessionKeys: readonly Buffer[]): Promise<void>;
  forgetGrant(sessionKey: Buffer, clientId: string): Promise<void>;
}

export interface SessionCopy {
  readonly session: StoredSession;
  readonly grants: readonly { readonly clientId: string; readonly grant: StoredGrant }[];
}

/** No copy lives longer, so the mark of an ended session, which lives twice as long, outlives every copy of it. */
const COPY_SECONDS = 3600;
const ENDED_SECONDS = 2 * COPY_SECONDS;

const keyOf = (sessionKey: Buffer): string => `{s:${sessionKey.toString('base64url')}}`;
const endedKeyOf = (sessionKey: Buffer): string => `${keyOf(sessionKey)}:ended`;
const grantKeyOf = (sessionKey: Buffer, clientId: string): string => `${keyOf(sessionKey)}:g:${clientId}`;

export function createSessionCopies(redis: RedisStore, sealer: CopySealer, epoch: PerishableEpoch): SessionCopies {
  /** The epoch in which the request read what it writes: a copy must not look newer than what it was made from. */
  const epochOfRequest = (): number => (requestMemory().epoch ??= epoch.epoch());
  const sealSession = (session: StoredSession): Buffer =>
    sealer.seal(JSON.stringify({ ...session, epoch: epochOfRequest() }), 'session');
  /** A copy of another epoch may no longer be believed. */
  const openSession = (sealed: Uint8Array): StoredSession | undefined => {
    const json = sealer.open(sealed, 'session');
    if (json === undefined) return undefined;
    const value = parseRecord(json);
    return value['epoch'] === epoch.epoch() ? asStored(value) : undefined;
  };

  return {
    async read(sessionKey, clientId) {
      epochOfRequest();
      const keys = clientId === undefined ? [] : [grantKeyOf(sessionKey, clientId)];
      const [sealed, ended, sealedGrant] = await redis.mget([keyOf(sessionKey), endedKeyOf(sessionKey), ...keys]);
      // A request that was under way when the session ended may have written its copy afterwards.
      const session = sealed && !ended && openSession(sealed);
      if (!session) return {};
      const grant = sealedGrant && sealer.open(sealedGrant, 'grant');
      return grant === undefined ? { session } : { session, grant: asGrant(parseRecord(grant)) };
    },
    async write(sessionKey, { session, grants }) {
      const left = session.payload.exp - Math.floor(Date.now() / 1000);
      const ttlSeconds = Math.max(1, Math.min(COPY_SECONDS, left));
      await Promise.all([
        redis.set(keyOf(sessionKey), sealSession(session), { ttlSeconds }),
        ...grants.map(({ clientId, grant }) =>
          redis.set(grantKeyOf(sessionKey, clientId), sealer.seal(JSON.stringify(grant), 'grant'), { ttlSeconds }),
        ),
      ]);
    },
    async forget(sessionKeys) {
      await Promise.all(
        sessionKeys.flatMap((sessionKey) => [
          redis.set(endedKeyOf(sessionKey), Buffer.of(1), { ttlSeconds: ENDED_SECONDS }),
          redis.del([keyOf(sessionKey)]),
        ]),
      );
    },
    forgetGrant: (sessionKey, clientId) => redis.del([grantKeyOf(sessionKey, clientId)]),
  };
}

/** Without Redis there are no copies: every read falls through to Postgres. */
export const NO_COPIES: SessionCopies = {
  read: async () => ({}),
  write: async () => {},
  forget: async () => {},
  forgetGrant: async () => {},
};
