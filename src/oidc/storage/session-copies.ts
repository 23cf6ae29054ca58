import type { CopySealer } from '../../platform/crypto/copy-sealer.ts';
import { unavailable } from '../../platform/failure/latchkey-error.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import { asGrant, type StoredGrant } from './grants.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';
import { parseRecord } from './sealed-json.ts';
import { asStored, type StoredSession } from './sessions.ts';

/**
 * Copies of sessions in Redis: one key for the session and one for its grant at each service, under one hash tag, so a
 * silent sign-in reads both in one command. Postgres has the truth; a copy is believed only in its epoch.
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

const keyOf = (sessionKey: Buffer): string => `{s:${sessionKey.toString('base64url')}}`;
const grantKeyOf = (sessionKey: Buffer, clientId: string): string => `${keyOf(sessionKey)}:g:${clientId}`;

export function createSessionCopies(redis: RedisStore, sealer: CopySealer, epoch: PerishableEpoch): SessionCopies {
  const sealSession = (session: StoredSession): Buffer =>
    sealer.seal(JSON.stringify({ ...session, epoch: epoch.epoch() }), 'session');
  /** A copy of another epoch may no longer be believed. */
  const openSession = (sealed: Uint8Array): StoredSession | undefined => {
    const json = sealer.open(sealed, 'session');
    if (json === undefined) return undefined;
    const value = parseRecord(json);
    return value['epoch'] === epoch.epoch() ? asStored(value) : undefined;
  };

  return {
    async read(sessionKey, clientId) {
      const keys = clientId === undefined ? [] : [grantKeyOf(sessionKey, clientId)];
      const [sealed, sealedGrant] = await redis.mget([keyOf(sessionKey), ...keys]);
      const session = sealed && openSession(sealed);
      if (!session) return {};
      const grant = sealedGrant && sealer.open(sealedGrant, 'grant');
      return grant === undefined ? { session } : { session, grant: asGrant(parseRecord(grant)) };
    },
    async write(sessionKey, { session, grants }) {
      const ttlSeconds = Math.max(1, session.payload.exp - Math.floor(Date.now() / 1000));
      await Promise.all([
        redis.set(keyOf(sessionKey), sealSession(session), { ttlSeconds }),
        ...grants.map(({ clientId, grant }) =>
          redis.set(grantKeyOf(sessionKey, clientId), sealer.seal(JSON.stringify(grant), 'grant'), { ttlSeconds }),
        ),
      ]);
    },
    async forget(sessionKeys) {
      await Promise.all(sessionKeys.map((sessionKey) => redis.del([keyOf(sessionKey)])));
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

/** For a copy that could not be written or dropped: what is away is Redis, so Postgres has the only word. */
export function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === unavailable('redis').code;
}
