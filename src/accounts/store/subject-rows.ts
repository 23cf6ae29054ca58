import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from './account-rows.ts';

export async function findSubject(db: Queryable, accountId: string, sector: string): Promise<string | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const [row] = await db.query<{ sub: string }>({
    name: 'subject-find',
    text: 'SELECT sub FROM subjects WHERE account_id = $1 AND sector = $2',
    values: [accountId, sector],
  });
  return row?.sub;
}

export interface SubjectClaim {
  readonly subKey: Buffer;
  readonly accountId: string;
  readonly sector: string;
  readonly at: Date;
}

/** Claims a sub in a sector; returns who holds it now. */
export async function claimSubject(tx: Transaction, claim: SubjectClaim): Promise<string> {
  const [claimed] = await tx.query<{ account_id: string }>({
    text: `INSERT INTO subject_claims (sub_key, account_id, sector, claimed_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (sub_key) DO NOTHING RETURNING account_id`,
    values: [claim.subKey, claim.accountId, claim.sector, claim.at],
  });
  if (claimed) return claimed.account_id;
  const [held] = await tx.query<{ account_id: string }>({
    text: 'SELECT account_id FROM subject_claims WHERE sub_key = $1',
    values: [claim.subKey],
  });
  if (held) return held.account_id;
  throw Object.assign(new Error('the claim of a subject is contended'), { code: '40001' });
}

export async function releaseSubject(tx: Transaction, claim: { subKey: Buffer; accountId: string }): Promise<void> {
  await tx.query({
    text: 'DELETE FROM subject_claims WHERE sub_key = $1 AND account_id = $2',
    values: [claim.subKey, claim.accountId],
  });
}

export interface SubjectRow {
  readonly accountId: string;
  readonly sector: string;
  readonly sub: string;
  readonly origin: 'derived' | 'inherited';
  readonly source: string | undefined;
  readonly at: Date;
}

export async function insertSubject(tx: Transaction, row: SubjectRow): Promise<boolean> {
  const rows = await tx.query({
    text: `INSERT INTO subjects (account_id, sector, sub, origin, source, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (account_id, sector) DO NOTHING RETURNING account_id`,
    values: [row.accountId, row.sector, row.sub, row.origin, row.source, row.at],
  });
  return rows.length === 1;
}

/** Every sub by which a sector knows an account; `proper` is the one that stands. */
export function knownSubjects(
  db: Queryable,
  accountId: string,
  sector: string,
): Promise<{ sub: string; proper: boolean }[]> {
  return db.query<{ sub: string; proper: boolean }>({
    name: 'subjects-known',
    text: `SELECT sub, true AS proper FROM subjects WHERE account_id = $1 AND sector = $2
           UNION ALL
           SELECT sub, false AS proper FROM subject_aliases WHERE account_id = $1 AND sector = $2`,
    values: [accountId, sector],
  });
}

/** Writes for one sector what another one knows the account by, with its first day; leaves what is there already. */
export async function copySubjects(
  tx: Transaction,
  { accountId, from, to }: { readonly accountId: string; readonly from: string; readonly to: string },
): Promise<void> {
  await tx.query({
    text: `INSERT INTO subjects (account_id, sector, sub, origin, source, created_at)
           SELECT account_id, $3, sub, origin, source, created_at FROM subjects WHERE account_id = $1 AND sector = $2
           ON CONFLICT (account_id, sector) DO NOTHING`,
    values: [accountId, from, to],
  });
  await tx.query({
    text: `INSERT INTO subject_aliases (account_id, sector, sub, origin, source, created_at, aliased_at)
           SELECT account_id, $3, sub, origin, source, created_at, aliased_at FROM subject_aliases
           WHERE account_id = $1 AND sector = $2
           ON CONFLICT (account_id, sector, sub) DO NOTHING`,
    values: [accountId, from, to],
  });
}
