import { uuidv7 } from '../../../platform/crypto/uuid.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import type { SessionEnding } from '../merging.ts';

export async function wantEndings(
  tx: Transaction,
  wanted: readonly Omit<SessionEnding, 'endingId'>[],
  at: Date,
): Promise<SessionEnding[]> {
  const endings = wanted.map((one) => ({ ...one, endingId: uuidv7(at.getTime()) }));
  await tx.query({
    name: 'session-endings-want',
    text: `INSERT INTO session_endings (account_id, ending_id, reason, wanted_at)
           SELECT *, $4 FROM unnest($1::uuid[], $2::uuid[], $3::text[])`,
    values: [
      endings.map(({ accountId }) => accountId),
      endings.map(({ endingId }) => endingId),
      endings.map(({ reason }) => reason),
      at,
    ],
  });
  return endings;
}

export function endingsDue(db: Queryable, limit: number, before: Date): Promise<SessionEnding[]> {
  return db.query<{ [K in keyof SessionEnding]: SessionEnding[K] }>({
    text: `SELECT account_id AS "accountId", ending_id AS "endingId", reason, false AS "mayKeepCurrent"
           FROM session_endings
           WHERE done_at IS NULL AND wanted_at <= $2 ORDER BY wanted_at LIMIT $1`,
    values: [limit, before],
  });
}

export async function markEnded(db: Queryable, { accountId, endingId }: SessionEnding, at: Date): Promise<void> {
  await db.query({
    text: 'UPDATE session_endings SET done_at = $3 WHERE account_id = $1 AND ending_id = $2 AND done_at IS NULL',
    values: [accountId, endingId, at],
  });
}
