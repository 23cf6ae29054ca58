import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Account, Language } from '../accounts.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What is no id would be an error of Postgres; here it is nobody's. */
export function isAccountId(value: string): boolean {
  return UUID.test(value);
}

export interface NewAccountRow {
  readonly accountId: string;
  readonly dataKey: Buffer;
  readonly profile: Buffer | undefined;
  readonly language: Language;
  readonly at: Date;
}

export async function insertAccount(tx: Transaction, row: NewAccountRow): Promise<void> {
  await tx.query({
    text: `INSERT INTO accounts (account_id, status, data_key, profile_sealed, language, version, created_at)
           VALUES ($1, 'active', $2, $3, $4, 1, $5)`,
    values: [row.accountId, row.dataKey, row.profile, row.language, row.at],
  });
}

/** Locks an account that stands: changes of one account happen one after the other. */
export async function lockAccount(
  tx: Transaction,
  accountId: string,
): Promise<{ dataKey: Buffer; version: number } | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const [row] = await tx.query<{ data_key: Buffer; version: number }>({
    text: `SELECT data_key, version FROM accounts WHERE account_id = $1 AND status NOT IN ('closed', 'merged') FOR UPDATE`,
    values: [accountId],
  });
  return row && { dataKey: row.data_key, version: row.version };
}

/** Of an account that stands. */
export async function readDataKey(db: Queryable, accountId: string): Promise<Buffer | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const [row] = await db.query<{ data_key: Buffer }>({
    text: `SELECT data_key FROM accounts WHERE account_id = $1 AND status NOT IN ('closed', 'merged')`,
    values: [accountId],
  });
  return row?.data_key;
}

export async function raiseVersion(tx: Transaction, accountId: string): Promise<void> {
  await tx.query({ text: 'UPDATE accounts SET version = version + 1 WHERE account_id = $1', values: [accountId] });
}

export type AccountRow = {
  status: Account['status'];
  data_key: Buffer;
  profile_sealed: Buffer | null;
  language: Language;
  version: number;
  created_at: Date;
  below_policy: boolean | null;
  identity_id: string | null;
  value_sealed: Buffer | null;
  is_primary: boolean | null;
  verified_at: Date | null;
};

/** One row per address, primary first; one row without an address when there is none. */
export function readAccountRows(db: Queryable, accountId: string): Promise<AccountRow[]> {
  return db.query<AccountRow>({
    name: 'account-read',
    text: `SELECT a.status, a.data_key, a.profile_sealed, a.language, a.version, a.created_at, c.below_policy,
                  i.identity_id, i.value_sealed, i.is_primary, i.verified_at
           FROM accounts a
           LEFT JOIN credentials c ON c.account_id = a.account_id AND c.kind = 'password'
           LEFT JOIN identities i ON i.account_id = a.account_id AND i.kind = 'email'
           WHERE a.account_id = $1
           ORDER BY i.is_primary DESC, i.created_at, i.identity_id`,
    values: [accountId],
  });
}
