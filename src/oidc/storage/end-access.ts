import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { EnqueueLogout } from './end-sessions.ts';
import { type LiveGrant, liveGrantsOf, revokeTheseGrants } from './grants.ts';
import type { GrantStorage } from './grant-storage.ts';
import { findSessionKeysOf, readSession, servicesOf } from './sessions.ts';

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly grants: GrantStorage;
  readonly enqueueLogout: EnqueueLogout;
  /** Reads services into the cache. */
  readonly readServices: (clientIds: readonly string[]) => Promise<unknown>;
  readonly now: () => Date;
}

/** What services may do for an account, and how the citizen ends it (D19). */
export interface ServiceAccess {
  /** Every live grant: those of the account's sessions, and those for when the citizen is away. */
  list(accountId: string): Promise<readonly LiveGrant[]>;
  /**
   * Ends what one service has: its grants, with every token under them, and its own sessions, which it is told to end. In one
   * transaction with its audit record. `false`: it has nothing.
   */
  end(accountId: string, clientId: string): Promise<boolean>;
}

export function createServiceAccess({ db, keyRing, grants, enqueueLogout, readServices, now }: Deps): ServiceAccess {
  const entriesOf = async (accountId: string): Promise<ReturnType<typeof servicesOf>> => {
    const keys = await findSessionKeysOf(db, accountId, now());
    const sessions = await Promise.all(keys.map((key) => readSession(db, keyRing, key, now())));
    return sessions.filter((session) => session !== undefined).flatMap(({ payload }) => servicesOf(payload));
  };
  const grantsOf = (accountId: string, entries: ReturnType<typeof servicesOf>): Promise<LiveGrant[]> =>
    liveGrantsOf(db, { accountId, grantIds: entries.flatMap(({ grantId }) => grantId ?? []) }, now());

  return {
    list: async (accountId) => grantsOf(accountId, await entriesOf(accountId)),
    async end(accountId, clientId) {
      const entries = await entriesOf(accountId);
      const ending = (await grantsOf(accountId, entries)).filter((grant) => grant.clientId === clientId);
      const sids = entries.filter((entry) => entry.clientId === clientId).map(({ sid }) => sid);
      // Before the transaction, as in end-sessions: inside it that could need a second connection.
      await readServices([clientId]);
      const revoked = await db.transaction(async (tx) => {
        const done = await revokeTheseGrants(tx, ending, now());
        if (done.length === 0) return done;
        for (const sid of sids.length === 0 ? [undefined] : sids) await enqueueLogout(tx, { clientId, accountId, sid });
        const chain = `account:${accountId}` as const;
        await appendAudit(tx, { chain, type: 'grant.revoked', actor: 'citizen', accountId, clientId });
        return done;
      });
      await grants.spreadEnd(revoked);
      return revoked.length > 0;
    },
  };
}
