import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isRecord, openJson, sealJson } from './sealed-json.ts';

/** A grant as stored: the library's payload and the `sub` that its sector knows the account by. */
export interface StoredGrant {
  readonly payload: Record<string, unknown>;
  readonly sub: string;
}

export interface GrantRow {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly sessionKey: Buffer | undefined;
  readonly expiresAt: Date;
  readonly stored: StoredGrant;
}

const CONTEXT = 'grant';

/** @throws Error when the value is no stored grant. */
export function asGrant({ payload, sub }: Record<string, unknown>): StoredGrant {
  if (!isRecord(payload) || typeof sub !== 'string') throw new Error('stored grant is damaged');
  return { payload, sub };
}

export async function writeGrant(tx: Transaction, keyRing: KeyRing, row: GrantRow): Promise<void> {
  await tx.query({
    text: `
      INSERT INTO grants (grant_id, account_id, client_id, session_key, survives_sign_out, payload_sealed, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (grant_id) DO UPDATE SET
        payload_sealed = EXCLUDED.payload_sealed, expires_at = EXCLUDED.expires_at,
        survives_sign_out = EXCLUDED.survives_sign_out, session_key = EXCLUDED.session_key`,
    values: [
      row.grantId,
      row.accountId,
      row.clientId,
      row.sessionKey ?? null,
      grantsOfflineAccess(row.stored.payload),
      sealJson(keyRing, CONTEXT, row.stored),
      row.expiresAt,
    ],
  });
}

function grantsOfflineAccess(payload: Record<string, unknown>): boolean {
  const { openid } = payload;
  return (
    isRecord(openid) && typeof openid['scope'] === 'string' && openid['scope'].split(' ').includes('offline_access')
  );
}

/** The live grant of that id; undefined when there is none, it expired, or it was revoked. */
export async function readGrant(
  db: Queryable,
  keyRing: KeyRing,
  grantId: string,
  now: Date,
): Promise<StoredGrant | undefined> {
  const [row] = await db.query<{ payload_sealed: Buffer }>({
    name: 'grant-read',
    text: 'SELECT payload_sealed FROM grants WHERE grant_id = $1 AND revoked_at IS NULL AND expires_at > $2',
    values: [grantId, now],
  });
  return row && asGrant(openJson(keyRing, CONTEXT, row.payload_sealed));
}

/** Revokes one grant in one single-row write. Answers whose session held a copy, if it was live. */
export async function revokeGrant(
  db: Queryable,
  grantId: string,
  now: Date,
): Promise<{ sessionKey: Buffer | undefined; clientId: string } | undefined> {
  const [row] = await db.query<{ session_key: Buffer | null; client_id: string }>({
    text: `UPDATE grants SET revoked_at = $2 WHERE grant_id = $1 AND revoked_at IS NULL RETURNING session_key, client_id`,
    values: [grantId, now],
  });
  return row && { sessionKey: row.session_key ?? undefined, clientId: row.client_id };
}

export interface LiveGrant {
  readonly grantId: string;
  readonly clientId: string;
  /** The browser session whose copy holds it. */
  readonly sessionKey: Buffer | undefined;
  /** Good while the citizen is away, too. */
  readonly isOffline: boolean;
}

interface LiveGrantRow extends Record<string, unknown> {
  readonly grant_id: string;
  readonly client_id: string;
  readonly session_key: Buffer | null;
  readonly survives_sign_out: boolean;
}

/** Those of the ids, and the offline ones of the account, that are live. */
export async function liveGrantsOf(
  db: Queryable,
  { accountId, grantIds }: { readonly accountId: string; readonly grantIds: readonly string[] },
  now: Date,
): Promise<LiveGrant[]> {
  const columns = 'grant_id, client_id, session_key, survives_sign_out';
  const [offline, online] = await Promise.all([
    db.query<LiveGrantRow>({
      text: `SELECT ${columns} FROM grants
             WHERE account_id = $1 AND survives_sign_out AND revoked_at IS NULL AND expires_at > $2`,
      values: [accountId, now],
    }),
    db.query<LiveGrantRow>({
      text: `SELECT ${columns} FROM grants
             WHERE grant_id = ANY($1) AND account_id = $2 AND NOT survives_sign_out AND revoked_at IS NULL AND expires_at > $3`,
      values: [grantIds, accountId, now],
    }),
  ]);
  return [...offline, ...online].map((row) => ({
    grantId: row.grant_id,
    clientId: row.client_id,
    sessionKey: row.session_key ?? undefined,
    isOffline: row.survives_sign_out,
  }));
}

/** Answers those that this call revoked: of two at once, each is answered by one. */
export async function revokeTheseGrants(
  tx: Transaction,
  grants: readonly LiveGrant[],
  now: Date,
): Promise<readonly LiveGrant[]> {
  if (grants.length === 0) return [];
  const rows = await tx.query<{ grant_id: string }>({
    text: 'UPDATE grants SET revoked_at = $2 WHERE grant_id = ANY($1) AND revoked_at IS NULL RETURNING grant_id',
    values: [grants.map(({ grantId }) => grantId), now],
  });
  const ids = new Set(rows.map((row) => row.grant_id));
  return grants.filter(({ grantId }) => ids.has(grantId));
}

/** Revokes the offline grants of an account but those of the session that is kept; answers their ids. */
export async function revokeOfflineGrants(
  db: Queryable,
  { accountId, except }: { readonly accountId: string; readonly except: Buffer | undefined },
  now: Date,
): Promise<string[]> {
  const live = await db.query<{ grant_id: string }>({
    text: `SELECT grant_id FROM grants WHERE account_id = $1 AND survives_sign_out AND revoked_at IS NULL
           AND ($2::bytea IS NULL OR session_key IS DISTINCT FROM $2)`,
    values: [accountId, except ?? null],
  });
  const ids = live.map((row) => row.grant_id);
  if (ids.length === 0) return [];
  await db.query({
    text: 'UPDATE grants SET revoked_at = $2 WHERE grant_id = ANY($1) AND revoked_at IS NULL',
    values: [ids, now],
  });
  return ids;
}

/** Revokes those of the grants that end with a sign-out; answers their ids. */
export async function revokeGrantsAtSignOut(
  tx: Transaction,
  grantIds: readonly string[],
  now: Date,
): Promise<string[]> {
  if (grantIds.length === 0) return [];
  const rows = await tx.query<{ grant_id: string }>({
    text: `
      UPDATE grants SET revoked_at = $2
      WHERE grant_id = ANY($1) AND revoked_at IS NULL AND NOT survives_sign_out RETURNING grant_id`,
    values: [grantIds, now],
  });
  return rows.map((row) => row.grant_id);
}

export async function moveGrants(tx: Transaction, grantIds: readonly string[], sessionKey: Buffer): Promise<void> {
  if (grantIds.length === 0) return;
  await tx.query({
    text: 'UPDATE grants SET session_key = $2 WHERE grant_id = ANY($1)',
    values: [grantIds, sessionKey],
  });
}
