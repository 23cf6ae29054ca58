import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { revokeGrantsAtSignOut } from './grants.ts';
import type { GrantStorage } from './grant-storage.ts';
import { endSessionRow, grantIdsOf, readSession, servicesOf, type StoredSession } from './sessions.ts';

/** Puts a back-channel logout message into the outbox of the same transaction. */
export type EnqueueLogout = (tx: Transaction, logout: LogoutNotice) => Promise<void>;

export interface LogoutNotice {
  readonly clientId: string;
  readonly accountId: string;
  readonly sid: string | undefined;
}

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly grants: GrantStorage;
  readonly enqueueLogout: EnqueueLogout;
  /** Reads services into the cache. */
  readonly readServices: (clientIds: readonly string[]) => Promise<unknown>;
  readonly now: () => Date;
}

export type EndSessions = (sessionKeys: readonly Buffer[], reason: string) => Promise<number>;

/**
 * Ends sessions: row, grants, audit and the notices to their services in one transaction each, then every copy. After
 * it answers, no node takes the session again. Answers how many were live.
 */
export function createEndSessions({ db, keyRing, grants, enqueueLogout, readServices, now }: Deps): EndSessions {
  const endOne = (sessionKey: Buffer, reason: string): Promise<string[] | undefined> =>
    db.transaction(async (tx) => {
      const at = now();
      const ended = await endSessionRow(tx, keyRing, sessionKey, { at, reason });
      if (!ended) return undefined;
      const revoked = await revokeGrantsAtSignOut(tx, grantIdsOf(ended.payload), at);
      await tellServices(tx, ended, enqueueLogout);
      await auditEnd(tx, ended, reason);
      return revoked;
    });

  return async (sessionKeys, reason) => {
    let ended = 0;
    const revoked: string[] = [];
    for (const sessionKey of sessionKeys) {
      // Before the transaction, which looks services up: inside it that could need a second connection of the same pool,
      // and many sign-outs at once would wait for each other.
      const live = await readSession(db, keyRing, sessionKey, now());
      if (live) await readServices(servicesOf(live.payload).map(({ clientId }) => clientId));
      const grantIds = await endOne(sessionKey, reason);
      if (!grantIds) continue;
      ended += 1;
      revoked.push(...grantIds);
    }
    await grants.spreadRevocations(revoked, sessionKeys);
    return ended;
  };
}

async function tellServices(tx: Transaction, { payload }: StoredSession, enqueueLogout: EnqueueLogout): Promise<void> {
  const { accountId } = payload;
  if (accountId === undefined) return;
  for (const { clientId, sid } of servicesOf(payload)) await enqueueLogout(tx, { clientId, accountId, sid });
}

async function auditEnd(tx: Transaction, { payload }: StoredSession, reason: string): Promise<void> {
  if (payload.accountId === undefined) return;
  await appendAudit(tx, {
    chain: `account:${payload.accountId}`,
    type: reason === 'signed-out' ? 'account.signed-out' : 'account.sessions-ended',
    actor: reason === 'signed-out' ? 'citizen' : 'system',
    accountId: payload.accountId,
    detail: { reason, services: servicesOf(payload).length },
  });
}
