import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from './account-rows.ts';

export interface ContactChange {
  readonly accountId: string;
  readonly challengeId: string;
  readonly addressSealed: Buffer;
  readonly boundTo: Buffer;
  readonly accountVersion: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

type Selected = { [K in keyof ContactChange]: ContactChange[K] };

/** One an account: a second one takes the place of the first, whose code is worth nothing from then on. */
export async function writeChange(tx: Transaction, change: ContactChange): Promise<void> {
  await tx.query({
    text: `INSERT INTO contact_changes
             (account_id, challenge_id, address_sealed, bound_to, account_version, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (account_id) DO UPDATE SET challenge_id = $2, address_sealed = $3, bound_to = $4,
             account_version = $5, created_at = $6, expires_at = $7`,
    values: [
      change.accountId,
      change.challengeId,
      change.addressSealed,
      change.boundTo,
      change.accountVersion,
      change.createdAt,
      change.expiresAt,
    ],
  });
}

export async function readChange(db: Queryable, accountId: string): Promise<ContactChange | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const [row] = await db.query<Selected>({
    text: `SELECT account_id AS "accountId", challenge_id AS "challengeId", address_sealed AS "addressSealed",
                  bound_to AS "boundTo", account_version AS "accountVersion", created_at AS "createdAt",
                  expires_at AS "expiresAt"
           FROM contact_changes WHERE account_id = $1`,
    values: [accountId],
  });
  return row;
}

/** Compare-and-set: false when another one is under way by now, or none. */
export async function takeChange(
  tx: Transaction,
  { accountId, challengeId }: Pick<ContactChange, 'accountId' | 'challengeId'>,
): Promise<boolean> {
  const rows = await tx.query({
    text: 'DELETE FROM contact_changes WHERE account_id = $1 AND challenge_id = $2 RETURNING 1',
    values: [accountId, challengeId],
  });
  return rows.length === 1;
}
