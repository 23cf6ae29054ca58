import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import { writeSubjectMoves } from '../store/subject-move-rows.ts';

export interface ReserveSubject {
  readonly accountId: string;
  readonly sub: string;
  readonly source: string;
  /** Stands for the old account in the claims: nobody's account has this id. */
  readonly holder: string;
}

export interface FreeSubject {
  readonly sector: string;
  readonly sub: string;
  readonly holder: string;
}

type Deps = Pick<AccountsDeps, 'keyRing' | 'now'>;

/**
 * Takes an inherited sub off an account, in every sector that knows the account by it, and keeps it for the old account's
 * next holder: it never goes to anybody else (L11). Where the sector also knows the account by another sub, that one
 * stands for itself again. Returns the sectors.
 */
export async function reserveSubject(deps: Deps, tx: Transaction, subject: ReserveSubject): Promise<readonly string[]> {
  const { accountId, sub, holder } = subject;
  const proper = await takeFrom(tx, 'subjects', subject);
  const aliases = await takeFrom(tx, 'subject_aliases', subject);
  const sectors = [...proper, ...aliases].map(({ sector }) => sector);
  const keys = sectors.map((sector) => deps.keyRing.lookupKey('subject', sector, sub));
  await tx.query({
    text: 'UPDATE subject_claims SET account_id = $3 WHERE sub_key = ANY($1) AND account_id = $2',
    values: [keys, accountId, holder],
  });
  const at = deps.now();
  for (const { sector } of aliases) await part(tx, { sector, sub }, at);
  for (const { sector } of proper) await promoteAlias(tx, { accountId, sector }, at);
  return sectors;
}

async function takeFrom(
  tx: Transaction,
  table: 'subjects' | 'subject_aliases',
  { accountId, sub, source }: ReserveSubject,
): Promise<{ sector: string }[]> {
  return tx.query<{ sector: string }>({
    text: `DELETE FROM ${table} WHERE account_id = $1 AND sub = $2 AND origin = 'inherited' AND source = $3
           RETURNING sector`,
    values: [accountId, sub, source],
  });
}

/** The oldest sub by which the sector also knows the account becomes the one that it is known by. */
async function promoteAlias(
  tx: Transaction,
  { accountId, sector }: { readonly accountId: string; readonly sector: string },
  at: Date,
): Promise<void> {
  const [alias] = await tx.query<{ sub: string; origin: string; source: string | null; created_at: Date }>({
    text: `SELECT sub, origin, source, created_at FROM subject_aliases WHERE account_id = $1 AND sector = $2
           ORDER BY created_at, sub LIMIT 1`,
    values: [accountId, sector],
  });
  if (!alias) return;
  const { sub, origin, source, created_at: createdAt } = alias;
  await tx.query({
    text: 'DELETE FROM subject_aliases WHERE account_id = $1 AND sector = $2 AND sub = $3',
    values: [accountId, sector, sub],
  });
  await tx.query({
    text: `INSERT INTO subjects (account_id, sector, sub, origin, source, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [accountId, sector, sub, origin, source, createdAt],
  });
  await part(tx, { sector, sub }, at);
}

/** The services of the sector learn from their map that the sub stands for itself. */
async function part(tx: Transaction, { sector, sub }: { sector: string; sub: string }, at: Date): Promise<void> {
  await writeSubjectMoves(tx, [{ sector, fromSector: sector, from: sub, to: sub, change: 'parted' }], at);
}

/** Frees what `reserveSubject` kept, for whoever has proved the old account. */
export async function freeSubject({ keyRing }: Deps, tx: Transaction, subject: FreeSubject): Promise<void> {
  await tx.query({
    text: 'DELETE FROM subject_claims WHERE sub_key = $1 AND account_id = $2',
    values: [keyRing.lookupKey('subject', subject.sector, subject.sub), subject.holder],
  });
}
