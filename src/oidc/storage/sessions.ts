import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isRecord, openJson, sealJson } from './sealed-json.ts';

/** A browser session as stored: the library's payload, and when Postgres last heard of it (epoch ms). */
export interface StoredSession {
  readonly payload: SessionPayload;
  readonly savedAt: number;
}

export interface SessionPayload extends Record<string, unknown> {
  readonly uid: string;
  readonly exp: number;
  readonly accountId?: string;
  readonly loginTs?: number;
}

const CONTEXT = 'session';

/** @throws Error when the value is no stored session. */
export function asStored(value: Record<string, unknown>): StoredSession {
  const { payload, savedAt } = value;
  if (!isSessionPayload(payload) || typeof savedAt !== 'number') throw new Error('stored session is damaged');
  return { payload, savedAt };
}

export function isSessionPayload(value: unknown): value is SessionPayload {
  return isRecord(value) && typeof value['uid'] === 'string' && typeof value['exp'] === 'number';
}

/** Whether what must be written through is the same: who, since when, and which services. The sliding end may wait. */
export function isSameSession(before: SessionPayload, after: SessionPayload): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) {
    if (name === 'exp' || name === 'iat' || before[name] === after[name]) continue;
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) return false;
  }
  return true;
}

export interface SessionRow {
  readonly sessionKey: Buffer;
  readonly stored: StoredSession;
}

export async function writeSession(
  tx: Transaction,
  keyRing: KeyRing,
  { sessionKey, stored }: SessionRow,
): Promise<void> {
  const { payload } = stored;
  const at = new Date(stored.savedAt);
  await tx.query({
    text: `
      INSERT INTO sessions (session_key, uid, account_id, payload_sealed, last_seen_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (session_key) DO UPDATE SET
        account_id = EXCLUDED.account_id, payload_sealed = EXCLUDED.payload_sealed,
        last_seen_at = EXCLUDED.last_seen_at, expires_at = EXCLUDED.expires_at`,
    values: [
      sessionKey,
      payload.uid,
      payload.accountId ?? null,
      sealJson(keyRing, CONTEXT, stored),
      at,
      new Date(payload.exp * 1000),
    ],
  });
  await tx.query({
    text: `
      INSERT INTO session_uids (uid, session_key) VALUES ($1, $2)
      ON CONFLICT (uid) DO UPDATE SET session_key = EXCLUDED.session_key`,
    values: [payload.uid, sessionKey],
  });
  if (payload.accountId === undefined) return;
  await tx.query({
    text: `
      INSERT INTO account_sessions (account_id, session_key, started_at) VALUES ($1, $2, $3)
      ON CONFLICT (account_id, session_key) DO NOTHING`,
    values: [payload.accountId, sessionKey, at],
  });
}

/** The live session of that key; undefined when there is none, it ran out, or it was ended. */
export async function readSession(
  db: Queryable,
  keyRing: KeyRing,
  sessionKey: Buffer,
  now: Date,
): Promise<StoredSession | undefined> {
  const [row] = await db.query<{ payload_sealed: Buffer }>({
    name: 'session-read',
    text: 'SELECT payload_sealed FROM sessions WHERE session_key = $1 AND ended_at IS NULL AND expires_at > $2',
    values: [sessionKey, now],
  });
  return row && asStored(openJson(keyRing, CONTEXT, row.payload_sealed));
}

/** Holds a live session's row until the transaction ends; undefined when there is none or it was ended. */
export async function lockSession(
  tx: Transaction,
  keyRing: KeyRing,
  sessionKey: Buffer,
): Promise<StoredSession | undefined> {
  const [row] = await tx.query<{ payload_sealed: Buffer }>({
    text: 'SELECT payload_sealed FROM sessions WHERE session_key = $1 AND ended_at IS NULL FOR UPDATE',
    values: [sessionKey],
  });
  return row && asStored(openJson(keyRing, CONTEXT, row.payload_sealed));
}

export async function findSessionKey(db: Queryable, uid: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ session_key: Buffer }>({
    name: 'session-uid',
    text: 'SELECT session_key FROM session_uids WHERE uid = $1',
    values: [uid],
  });
  return row?.session_key;
}

/** A copy as deep as the library writes; `structuredClone` costs twenty times as much, and silent sign-ins pass here. */
export function copyOfPayload(payload: SessionPayload): SessionPayload {
  const { authorizations, state } = payload;
  return {
    ...payload,
    ...(isRecord(authorizations) ? { authorizations: copyEach(authorizations) } : {}),
    ...(isRecord(state) ? { state: { ...state } } : {}),
  };
}

function copyEach(entries: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).map(([key, entry]) => [key, isRecord(entry) ? { ...entry } : entry]),
  );
}

/** The services of a session: client id, the session's id there, and the grant. */
export function servicesOf(
  payload: SessionPayload,
): { clientId: string; sid: string | undefined; grantId: string | undefined }[] {
  const { authorizations } = payload;
  if (!isRecord(authorizations)) return [];
  return Object.entries(authorizations).map(([clientId, entry]) => {
    const { sid, grantId } = isRecord(entry) ? entry : {};
    return {
      clientId,
      sid: typeof sid === 'string' ? sid : undefined,
      grantId: typeof grantId === 'string' ? grantId : undefined,
    };
  });
}

export function grantIdsOf(payload: SessionPayload): string[] {
  return servicesOf(payload).flatMap(({ grantId }) => (grantId === undefined ? [] : [grantId]));
}

/** Takes the old name of a session away (session fixation, ASVS 7.2.4): a copy of the old cookie opens nothing. */
export async function forgetRenamedSession(
  tx: Transaction,
  from: Buffer,
  accountId: string | undefined,
): Promise<void> {
  await tx.query({ text: 'DELETE FROM sessions WHERE session_key = $1', values: [from] });
  if (accountId === undefined) return;
  await tx.query({
    text: 'DELETE FROM account_sessions WHERE account_id = $1 AND session_key = $2',
    values: [accountId, from],
  });
}

/** Ends a session once. Answers its last state, or undefined when it was not live. */
export async function endSessionRow(
  tx: Transaction,
  keyRing: KeyRing,
  sessionKey: Buffer,
  end: { at: Date; reason: string },
): Promise<StoredSession | undefined> {
  const [row] = await tx.query<{ payload_sealed: Buffer }>({
    text: `
      UPDATE sessions SET ended_at = $2, ended_reason = $3
      WHERE session_key = $1 AND ended_at IS NULL RETURNING payload_sealed`,
    values: [sessionKey, end.at, end.reason],
  });
  return row && asStored(openJson(keyRing, CONTEXT, row.payload_sealed));
}

export interface ListedSession {
  readonly sessionKey: Buffer;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly stored: StoredSession;
}

/** The live sessions of an account, newest first. */
export async function listSessionsOf(
  db: Queryable,
  keyRing: KeyRing,
  accountId: string,
  now: Date,
): Promise<ListedSession[]> {
  const keys = await db.query<{ session_key: Buffer; started_at: Date }>({
    text: 'SELECT session_key, started_at FROM account_sessions WHERE account_id = $1 ORDER BY started_at DESC LIMIT 200',
    values: [accountId],
  });
  const rows = await db.query<{ session_key: Buffer; payload_sealed: Buffer; last_seen_at: Date }>({
    text: `
      SELECT session_key, payload_sealed, last_seen_at FROM sessions
      WHERE session_key = ANY($1) AND ended_at IS NULL AND expires_at > $2`,
    values: [keys.map((key) => key.session_key), now],
  });
  const byKey = new Map(rows.map((row) => [row.session_key.toString('hex'), row]));
  return keys.flatMap(({ session_key, started_at }) => {
    const row = byKey.get(session_key.toString('hex'));
    if (!row) return [];
    const stored = asStored(openJson(keyRing, CONTEXT, row.payload_sealed));
    return [{ sessionKey: session_key, startedAt: started_at, lastSeenAt: row.last_seen_at, stored }];
  });
}

/** The sliding end in Postgres may be this far behind the one in Redis: until then a session may be live. */
export const LAG_MS = 600_000;

/** Every session of an account that may be live: what is to be ended must not hide behind a limit or a lag. */
export async function findSessionKeysOf(db: Queryable, accountId: string, now: Date): Promise<Buffer[]> {
  const keys = await db.query<{ session_key: Buffer }>({
    text: 'SELECT session_key FROM account_sessions WHERE account_id = $1',
    values: [accountId],
  });
  const rows = await db.query<{ session_key: Buffer }>({
    text: 'SELECT session_key FROM sessions WHERE session_key = ANY($1) AND ended_at IS NULL AND expires_at > $2',
    values: [keys.map((row) => row.session_key), new Date(now.getTime() - LAG_MS)],
  });
  return rows.map((row) => row.session_key);
}
