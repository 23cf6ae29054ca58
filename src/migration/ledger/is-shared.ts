import type { Queryable } from '../../platform/postgres/database.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import { type LegacyAccountRow, readLegacyAccount } from './read-legacy-account.ts';

/** Several people know what it is proved with: it becomes an organisation, never part of one person's account (M43). */
export const isShared = (
  source: Pick<Source, 'definition'> | undefined,
  row: Pick<LegacyAccountRow, 'holder'> | undefined,
): boolean => row?.holder === 'organisation' || source?.definition.holder === 'organisation';

export async function isSharedAccount(db: Queryable, legacyKey: Buffer): Promise<boolean> {
  const row = await readLegacyAccount(db, legacyKey);
  return row !== undefined && isShared(await findSource(db, row.source), row);
}

/** An old system has said so of this one account. Nothing takes that back: a password that was shared once stays known. */
export async function noteShared(db: Queryable, legacyKey: Buffer): Promise<void> {
  await db.query({
    text: `UPDATE legacy_accounts SET holder = 'organisation' WHERE legacy_key = $1 AND holder IS NULL
             AND state IN ('waiting', 'released')`,
    values: [legacyKey],
  });
}
