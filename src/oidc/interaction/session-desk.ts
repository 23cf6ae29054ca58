import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { LiveProvider } from '../provider/live-provider.ts';
import type { ServiceAccess } from '../storage/end-access.ts';
import type { EndSessions } from '../storage/end-sessions.ts';
import { sessionKeyOf } from '../storage/session-storage.ts';
import type { GrantStorage } from '../storage/grant-storage.ts';
import type { LiveGrant } from '../storage/grants.ts';
import { findSessionKeysOf, listSessionsOf, type ListedSession, servicesOf } from '../storage/sessions.ts';
import { startPath, YOUR_ACCOUNT } from './your-account-client.ts';

/** The sessions of an account, for the citizen's own pages. Session keys are opaque to callers (hex). */
export interface SessionDesk {
  session(request: FastifyRequest, reply: FastifyReply): Promise<CurrentSession | undefined>;
  signInPath(returnPath: string, options?: { fresh?: boolean }): string;
  listSessions(accountId: string): Promise<readonly SessionSummary[]>;
  /**
   * Ends every session of the account but `except`, and what services may do while the citizen is away (offline access),
   * unless it was granted in that one; answers how many sessions were live (linking-attacks 2).
   */
  revokeSessions(accountId: string, reason: string, options?: { except?: string }): Promise<number>;
  /** The services that may ask about the account now, by client id; our own pages are none. */
  listAccess(accountId: string): Promise<readonly AccessSummary[]>;
  /** Ends what a service may do and know from now on, and tells it; `false` when that was nothing (D19). */
  endAccess(accountId: string, clientId: string): Promise<boolean>;
  /** Ends one session of the account; `false` when it has no such live session. */
  endSession(accountId: string, sessionKey: string, reason: string): Promise<boolean>;
}

export interface CurrentSession {
  readonly accountId: string;
  readonly sessionKey: string;
  readonly authTime: Date;
}

export interface AccessSummary {
  readonly clientId: string;
  /** Also while the citizen is signed out. */
  readonly whileAway: boolean;
}

export interface SessionSummary {
  readonly sessionKey: string;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly clientIds: readonly string[];
}

interface Deps {
  readonly live: LiveProvider;
  readonly endSessions: EndSessions;
  readonly grants: GrantStorage;
  readonly access: ServiceAccess;
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly issuer: string;
  readonly now: () => Date;
}

export function createSessionDesk({ live, endSessions, grants, access, db, keyRing, issuer, now }: Deps): SessionDesk {
  const endWhere = async (
    accountId: string,
    reason: string,
    isMeant: (sessionKey: string) => boolean,
  ): Promise<number> => {
    const keys = await findSessionKeysOf(db, accountId, now());
    return endSessions(
      keys.filter((key) => isMeant(key.toString('hex'))),
      reason,
    );
  };

  return {
    async session(request, reply) {
      const provider = live.current();
      const session = await provider.Session.get(provider.createContext(request.raw, reply.raw));
      if (session.accountId === undefined) return undefined;
      return {
        accountId: session.accountId,
        sessionKey: sessionKeyOf(session.jti).toString('hex'),
        authTime: new Date((session.loginTs ?? 0) * 1000),
      };
    },
    signInPath: (returnPath, options = {}) => startPath(issuer, returnPath, options),
    listSessions: async (accountId) => (await listSessionsOf(db, keyRing, accountId, now())).map(summarise),
    async revokeSessions(accountId, reason, { except } = {}) {
      const ended = await endWhere(accountId, reason, (key) => key !== except);
      await grants.revokeOffline(accountId, except === undefined ? undefined : Buffer.from(except, 'hex'));
      return ended;
    },
    listAccess: async (accountId) => summariseAccess(await access.list(accountId)),
    endAccess: (accountId, clientId) => access.end(accountId, clientId),
    endSession: async (accountId, sessionKey, reason) =>
      (await endWhere(accountId, reason, (key) => key === sessionKey)) > 0,
  };
}

function summariseAccess(grants: readonly LiveGrant[]): AccessSummary[] {
  const away = new Map<string, boolean>();
  for (const { clientId, isOffline } of grants) away.set(clientId, isOffline || (away.get(clientId) ?? false));
  away.delete(YOUR_ACCOUNT);
  return [...away].map(([clientId, whileAway]) => ({ clientId, whileAway }));
}

function summarise({ sessionKey, startedAt, lastSeenAt, stored }: ListedSession): SessionSummary {
  const clientIds = servicesOf(stored.payload).map(({ clientId }) => clientId);
  return {
    sessionKey: sessionKey.toString('hex'),
    startedAt,
    lastSeenAt,
    clientIds: clientIds.filter((clientId) => clientId !== YOUR_ACCOUNT),
  };
}
