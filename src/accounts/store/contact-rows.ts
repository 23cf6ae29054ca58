import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from './account-rows.ts';

export type ContactRow = {
  identity_id: string;
  value_sealed: Buffer;
  value_key: Buffer;
  is_primary: boolean;
  created_at: Date;
  leaves_at: Date | null;
};

/** Addresses of an account, primary first, then oldest first; with those that are on their way out. */
export async function readContacts(db: Queryable, accountId: string): Promise<ContactRow[]> {
  if (!isAccountId(accountId)) return [];
  return db.query<ContactRow>({
    name: 'contacts-read',
    text: `SELECT i.identity_id, i.value_sealed, i.value_key, i.is_primary, i.created_at, l.leaves_at
           FROM identities i
           LEFT JOIN leaving_contacts l ON l.account_id = i.account_id AND l.identity_id = i.identity_id
           WHERE i.account_id = $1 AND i.kind = 'email'
           ORDER BY i.is_primary DESC, i.created_at, i.identity_id`,
    values: [accountId],
  });
}

export interface ContactId {
  readonly accountId: string;
  readonly identityId: string;
}

export async function writeLeaving(
  tx: Transaction,
  { accountId, identityId }: ContactId,
  when: { readonly at: Date; readonly leavesAt: Date },
): Promise<void> {
  await tx.query({
    text: `INSERT INTO leaving_contacts (account_id, identity_id, asked_at, leaves_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (account_id, identity_id) DO NOTHING`,
    values: [accountId, identityId, when.at, when.leavesAt],
  });
}

/** False: it was not on its way out. */
export async function deleteLeaving(tx: Transaction, { accountId, identityId }: ContactId): Promise<boolean> {
  const rows = await tx.query({
    text: 'DELETE FROM leaving_contacts WHERE account_id = $1 AND identity_id = $2 RETURNING 1',
    values: [accountId, identityId],
  });
  return rows.length === 1;
}

export async function leavingDue(db: Queryable, before: Date, limit: number): Promise<ContactId[]> {
  return db.query<{ accountId: string; identityId: string }>({
    text: `SELECT account_id AS "accountId", identity_id AS "identityId" FROM leaving_contacts
           WHERE leaves_at <= $1 ORDER BY leaves_at LIMIT $2`,
    values: [before, limit],
  });
}

export async function postponeLeaving(tx: Transaction, { accountId, identityId }: ContactId, to: Date): Promise<void> {
  await tx.query({
    text: 'UPDATE leaving_contacts SET leaves_at = $3 WHERE account_id = $1 AND identity_id = $2',
    values: [accountId, identityId, to],
  });
}

/** Takes an address off its account; whoever proves it may have it then. */
export async function deleteContact(
  tx: Transaction,
  { accountId, identityId }: ContactId,
  valueKey: Buffer,
): Promise<void> {
  await deleteLeaving(tx, { accountId, identityId });
  await tx.query({
    text: 'DELETE FROM identities WHERE account_id = $1 AND identity_id = $2',
    values: [accountId, identityId],
  });
  await tx.query({
    text: 'DELETE FROM identity_claims WHERE value_key = $1 AND account_id = $2',
    values: [valueKey, accountId],
  });
}

export async function setPrimaryContact(tx: Transaction, { accountId, identityId }: ContactId): Promise<void> {
  await tx.query({
    text: `UPDATE identities SET is_primary = (identity_id = $2)
           WHERE account_id = $1 AND kind = 'email' AND is_primary <> (identity_id = $2)`,
    values: [accountId, identityId],
  });
}
