import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Account } from '../accounts.ts';

export type PasswordRow = {
  status: Account['status'];
  data_key: Buffer;
  credential_id: string | null;
  secret_sealed: Buffer | null;
  below_policy: boolean | null;
};

/** Where a password stands in the account's sealed values. */
export function passwordPlace(credentialId: string): string {
  return `credentials:${credentialId}`;
}

export async function readPassword(db: Queryable, accountId: string): Promise<PasswordRow | undefined> {
  const [row] = await db.query<PasswordRow>({
    name: 'password-read',
    text: `SELECT a.status, a.data_key, c.credential_id, c.secret_sealed, c.below_policy
           FROM accounts a
           LEFT JOIN credentials c ON c.account_id = a.account_id AND c.kind = 'password'
           WHERE a.account_id = $1`,
    values: [accountId],
  });
  return row;
}

export interface NewPasswordRow {
  readonly accountId: string;
  readonly credentialId: string;
  readonly sealed: Buffer;
  readonly belowPolicy: boolean;
  readonly at: Date;
}

/** The old one is gone, not kept: an old hash is a guessable copy of what people use elsewhere. */
export async function replacePassword(tx: Transaction, row: NewPasswordRow): Promise<void> {
  await tx.query({
    text: `DELETE FROM credentials WHERE account_id = $1 AND kind = 'password'`,
    values: [row.accountId],
  });
  await tx.query({
    text: `INSERT INTO credentials (account_id, credential_id, kind, secret_sealed, below_policy, created_at)
           VALUES ($1, $2, 'password', $3, $4, $5)`,
    values: [row.accountId, row.credentialId, row.sealed, row.belowPolicy, row.at],
  });
}

/** Compare-and-set: a re-hash never overwrites a password that was changed meanwhile. */
export async function swapSecret(
  tx: Transaction,
  swap: { readonly accountId: string; readonly credentialId: string; readonly from: Buffer; readonly to: Buffer },
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE credentials SET secret_sealed = $4
           WHERE account_id = $1 AND credential_id = $2 AND secret_sealed = $3 RETURNING credential_id`,
    values: [swap.accountId, swap.credentialId, swap.from, swap.to],
  });
  return rows.length === 1;
}
