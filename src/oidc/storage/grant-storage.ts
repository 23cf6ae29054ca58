import type { Accounts } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { type LiveGrant, readGrant, revokeGrant, revokeOfflineGrants, type StoredGrant, writeGrant } from './grants.ts';
import type { RedisArtefacts } from './redis-artefacts.ts';
import { requestMemory } from './request-memory.ts';
import type { SessionCopies } from './session-copies.ts';
import type { TellRedis } from './tell-redis.ts';

export interface GrantStorage {
  /** The live grant; from what this request already read, else from Postgres. */
  find(grantId: string): Promise<StoredGrant | undefined>;
  /** Writes a grant and, in the same transaction, the subject its sector will know the account by. */
  save(grant: NewGrant): Promise<void>;
  /** One single-row write in Postgres; then every copy is told, or, when Redis is away, disbelieved. */
  revoke(grantId: string): Promise<void>;
  /** Ends what services may do while the citizen is away, in whatever session it was granted but the one that is kept. */
  revokeOffline(accountId: string, except?: Buffer): Promise<void>;
  /** As `spreadRevocations`, where the sessions that hold copies of them go on. */
  spreadEnd(grants: readonly EndedGrant[]): Promise<void>;
  /** Tells Redis that grants are revoked which Postgres already says are. */
  spreadRevocations(grantIds: readonly string[], forgetSessions: readonly Buffer[]): Promise<void>;
}

export type EndedGrant = Pick<LiveGrant, 'grantId' | 'clientId' | 'sessionKey'>;

export interface NewGrant {
  readonly grantId: string;
  readonly payload: Record<string, unknown>;
  readonly accountId: string;
  readonly clientId: string;
  readonly sector: string;
  readonly sessionKey: Buffer | undefined;
  readonly expiresAt: Date;
}

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly subjects: Accounts['subjects'];
  readonly copies: SessionCopies;
  readonly redis: RedisArtefacts | undefined;
  readonly tellRedis: TellRedis;
  readonly now: () => Date;
}

export function createGrantStorage({ db, keyRing, subjects, copies, redis, tellRedis, now }: Deps): GrantStorage {
  const spreadEnd = async (ended: readonly EndedGrant[]): Promise<void> => {
    if (ended.length === 0) return;
    await tellRedis(() =>
      Promise.all([
        redis?.markRevoked(ended.map(({ grantId }) => grantId)),
        ...ended.map(({ sessionKey, clientId }) => sessionKey && copies.forgetGrant(sessionKey, clientId)),
      ]),
    );
  };
  return {
    spreadEnd,
    async find(grantId) {
      const memory = requestMemory();
      const known = memory.grants.get(grantId);
      if (known) return known;
      const stored = await readGrant(db, keyRing, grantId, now());
      if (stored) memory.grants.set(grantId, stored);
      return stored;
    },
    async save({ accountId, sector, payload, ...row }) {
      const sub = await db.transaction(async (tx) => {
        const subject = await subjects.ensure(tx, { accountId, sector });
        await writeGrant(tx, keyRing, { ...row, accountId, stored: { payload, sub: subject } });
        return subject;
      });
      requestMemory().grants.set(row.grantId, { payload, sub });
    },
    async revoke(grantId) {
      requestMemory().grants.delete(grantId);
      const revoked = await revokeGrant(db, grantId, now());
      if (revoked) await spreadEnd([{ grantId, ...revoked }]);
    },
    async revokeOffline(accountId, except) {
      const revoked = await revokeOfflineGrants(db, { accountId, except }, now());
      if (revoked.length > 0) await tellRedis(async () => redis?.markRevoked(revoked));
    },
    spreadRevocations: (grantIds, forgetSessions) =>
      tellRedis(() => Promise.all([redis?.markRevoked(grantIds), copies.forget(forgetSessions)])),
  };
}
