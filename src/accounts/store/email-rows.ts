import type { Queryable, Transaction } from '../../platform/postgres/database.ts';

export async function holderOfEmail(db: Queryable, valueKey: Buffer): Promise<string | undefined> {
  const [row] = await db.query<{ account_id: string }>({
    name: 'email-holder',
    text: 'SELECT account_id FROM identity_claims WHERE value_key = $1',
    values: [valueKey],
  });
  return row?.account_id;
}

export async function heldEmailKeys(db: Queryable, keys: readonly Buffer[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db.query<{ value_key: Buffer }>({
    name: 'emails-held',
    text: 'SELECT value_key FROM identity_claims WHERE value_key = ANY($1::bytea[])',
    values: [keys],
  });
  return new Set(rows.map((row) => row.value_key.toString('hex')));
}

/** Claims an address for an account, or tells who holds it. Waits for another transaction that is claiming it. */
export async function claimEmail(
  tx: Transaction,
  claim: { readonly valueKey: Buffer; readonly accountId: string; readonly at: Date },
): Promise<{ claimed: true } | { claimed: false; holder: string }> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [row] = await tx.query({
      text: `INSERT INTO identity_claims (value_key, kind, account_id, claimed_at) VALUES ($1, 'email', $2, $3)
             ON CONFLICT (value_key) DO NOTHING RETURNING value_key`,
      values: [claim.valueKey, claim.accountId, claim.at],
    });
    if (row) return { claimed: true };
    const holder = await holderOfEmail(tx, claim.valueKey);
    if (holder !== undefined) return { claimed: false, holder };
  }
  // Released between the two statements, three times over: let the transaction run again.
  throw Object.assign(new Error('the claim of an address is contended'), { code: '40001' });
}

export interface EmailRow {
  readonly accountId: string;
  readonly identityId: string;
  readonly sealed: Buffer;
  readonly valueKey: Buffer;
  readonly primary: boolean;
  readonly at: Date;
}

export async function insertEmail(tx: Transaction, row: EmailRow): Promise<void> {
  await tx.query({
    text: `INSERT INTO identities
             (account_id, identity_id, kind, value_sealed, value_key, is_primary, verified_at, created_at)
           VALUES ($1, $2, 'email', $3, $4, $5, $6, $6)`,
    values: [row.accountId, row.identityId, row.sealed, row.valueKey, row.primary, row.at],
  });
}

export async function countEmails(tx: Transaction, accountId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    text: `SELECT count(*) AS count FROM identities WHERE account_id = $1 AND kind = 'email'`,
    values: [accountId],
  });
  return row?.count ?? 0;
}

export async function clearPrimaryEmail(tx: Transaction, accountId: string): Promise<void> {
  await tx.query({
    text: `UPDATE identities SET is_primary = false WHERE account_id = $1 AND kind = 'email' AND is_primary`,
    values: [accountId],
  });
}
