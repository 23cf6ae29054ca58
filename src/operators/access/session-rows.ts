import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Held } from './held-secret.ts';

export interface SessionRow {
  readonly operatorId: string;
  readonly handle: string;
  readonly roles: readonly string[];
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
}
type Selected<T> = { [K in keyof T]: T[K] };

export async function insertSession(
  tx: Transaction,
  { operatorId, key }: Held,
  session: { readonly passkeyId: string; readonly at: Date; readonly expiresAt: Date },
): Promise<void> {
  await tx.query({
    text: `INSERT INTO operator_sessions (operator_id, session_key, passkey_id, started_at, last_seen_at, expires_at)
           VALUES ($1, $2, $3, $4, $4, $5)`,
    values: [operatorId, key, session.passkeyId, session.at, session.expiresAt],
  });
}

/** A session that stands, of an operator who is active: both are looked at on every request, on every node (C4). */
export async function readSession(
  db: Queryable,
  { operatorId, key }: Held,
  when: { readonly at: Date; readonly seenSince: Date },
): Promise<SessionRow | undefined> {
  const [row] = await db.query<Selected<SessionRow>>({
    name: 'operator-session-read',
    text: `SELECT o.operator_id AS "operatorId", o.handle, o.roles, s.started_at AS "startedAt",
                  s.last_seen_at AS "lastSeenAt"
           FROM operator_sessions s JOIN operators o ON o.operator_id = s.operator_id
           WHERE s.operator_id = $1 AND s.session_key = $2 AND s.ended_at IS NULL AND s.expires_at > $3
             AND s.last_seen_at > $4 AND o.status = 'active'`,
    values: [operatorId, key, when.at, when.seenSince],
  });
  return row;
}

export async function touchSession(db: Queryable, { operatorId, key }: Held, at: Date): Promise<void> {
  await db.query({
    name: 'operator-session-touch',
    text: `UPDATE operator_sessions SET last_seen_at = $3
           WHERE operator_id = $1 AND session_key = $2 AND ended_at IS NULL AND last_seen_at < $3`,
    values: [operatorId, key, at],
  });
}

export async function endSession(
  tx: Transaction,
  { operatorId, key }: Held,
  end: { readonly at: Date; readonly reason: string },
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE operator_sessions SET ended_at = $3, ended_reason = $4
           WHERE operator_id = $1 AND session_key = $2 AND ended_at IS NULL RETURNING 1`,
    values: [operatorId, key, end.at, end.reason],
  });
  return rows.length === 1;
}

/** Ends all of an operator's sessions. Returns how many. */
export async function endSessionsOf(
  tx: Transaction,
  operatorId: string,
  end: { readonly at: Date; readonly reason: string },
): Promise<number> {
  const rows = await tx.query({
    text: `UPDATE operator_sessions SET ended_at = $2, ended_reason = $3
           WHERE operator_id = $1 AND ended_at IS NULL RETURNING 1`,
    values: [operatorId, end.at, end.reason],
  });
  return rows.length;
}

/** Ends those that were begun with one passkey. */
export async function endSessionsBegunWith(
  tx: Transaction,
  { operatorId, passkeyId }: { readonly operatorId: string; readonly passkeyId: string },
  end: { readonly at: Date; readonly reason: string },
): Promise<void> {
  await tx.query({
    text: `UPDATE operator_sessions SET ended_at = $3, ended_reason = $4
           WHERE operator_id = $1 AND passkey_id = $2 AND ended_at IS NULL`,
    values: [operatorId, passkeyId, end.at, end.reason],
  });
}

/** How many of an operator's sessions may still be used. */
export async function sessionsOf(
  db: Queryable,
  operatorId: string,
  when: { readonly at: Date; readonly seenSince: Date },
): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: `SELECT count(*)::int AS n FROM operator_sessions
           WHERE operator_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_seen_at > $3`,
    values: [operatorId, when.at, when.seenSince],
  });
  return row?.n ?? 0;
}
