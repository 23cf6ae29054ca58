import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';

export type EndingReason =
  | 'account-merged'
  | 'account-unmerged'
  | 'contact-added'
  | 'old-account-added'
  | 'old-account-removed'
  | 'password-changed'
  | 'password-reset';

/** Sessions and grants of an account that must end now. */
export interface SessionEnding {
  readonly accountId: string;
  readonly endingId: string;
  readonly reason: EndingReason;
}

/**
 * What must end is written in the transaction of what makes it so. Whoever made that ends the sessions right after the
 * commit and says `done`; where the process died in between, a job finds the row and does it (linking-attacks 2).
 */
export interface SessionEndings {
  want(tx: Transaction, accountId: string, reason: EndingReason): Promise<SessionEnding>;
  /** Those that nobody reported as done for ten seconds, oldest first. */
  due(limit: number): Promise<readonly SessionEnding[]>;
  done(ending: SessionEnding): Promise<void>;
}

/** Who changed an account ends its sessions right away; only what is older than this was left behind. */
const LEFT_BEHIND_MS = 10_000;

export function createSessionEndings({
  db,
  now,
}: {
  readonly db: Queryable;
  readonly now: () => Date;
}): SessionEndings {
  return {
    want: (tx, accountId, reason) => wantEnding(tx, { accountId, reason }, now()),
    due: (limit) =>
      db.query<{ [K in keyof SessionEnding]: SessionEnding[K] }>({
        name: 'session-endings-due',
        text: `SELECT account_id AS "accountId", ending_id AS "endingId", reason FROM session_endings
               WHERE done_at IS NULL AND wanted_at <= $2 ORDER BY wanted_at LIMIT $1`,
        values: [limit, new Date(now().getTime() - LEFT_BEHIND_MS)],
      }),
    async done({ accountId, endingId }) {
      await db.query({
        name: 'session-endings-done',
        text: 'UPDATE session_endings SET done_at = $3 WHERE account_id = $1 AND ending_id = $2 AND done_at IS NULL',
        values: [accountId, endingId, now()],
      });
    },
  };
}

export async function wantEnding(
  tx: Transaction,
  { accountId, reason }: Omit<SessionEnding, 'endingId'>,
  at: Date,
): Promise<SessionEnding> {
  const endingId = uuidv7(at.getTime());
  await tx.query({
    name: 'session-endings-want',
    text: 'INSERT INTO session_endings (account_id, ending_id, reason, wanted_at) VALUES ($1, $2, $3, $4)',
    values: [accountId, endingId, reason, at],
  });
  return { accountId, endingId, reason };
}
