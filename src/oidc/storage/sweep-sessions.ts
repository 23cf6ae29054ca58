import type { Database } from '../../platform/postgres/database.ts';
import { LAG_MS } from './sessions.ts';

const BATCH = 500;

/**
 * Deletes sessions that ran out before `now`, with the rows that find them; those that may have been used since Postgres
 * last heard of them stay a little longer. Reads a list of keys, then deletes by key (rule S11). Answers how many went; at
 * most one batch, so call it again and again.
 */
export async function sweepSessions(db: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - LAG_MS);
  const rows = await db.query<{ session_key: Buffer; uid: string; account_id: string | null }>({
    text: 'SELECT session_key, uid, account_id FROM sessions WHERE expires_at < $1 LIMIT $2',
    values: [before, BATCH],
  });
  if (rows.length === 0) return 0;
  const keys = rows.map((row) => row.session_key);
  await db.query({
    text: `
      DELETE FROM account_sessions USING unnest($1::uuid[], $2::bytea[]) AS gone (account_id, session_key)
      WHERE account_sessions.account_id = gone.account_id AND account_sessions.session_key = gone.session_key`,
    values: [rows.map((row) => row.account_id), keys],
  });
  // A renamed session keeps its uid: the row that leads elsewhere by now is not this one's.
  await db.query({
    text: 'DELETE FROM session_uids WHERE uid = ANY($1) AND session_key = ANY($2)',
    values: [rows.map((row) => row.uid), keys],
  });
  await db.query({
    text: 'DELETE FROM sessions WHERE session_key = ANY($1) AND expires_at < $2',
    values: [keys, before],
  });
  return rows.length;
}
