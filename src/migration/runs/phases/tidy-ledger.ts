import type { Database } from '../../../platform/postgres/database.ts';

const TABLES = ['legacy_accounts', 'legacy_login_names'];

/**
 * Clears away at once what a rehearsal wrote and rolled back, or an undo removed, where autovacuum would begin with it within
 * a minute: in the middle of the run. By its own measure of a table that needs it; a large ledger is left to it.
 */
export async function tidyLedger(db: Database): Promise<void> {
  const full = await db.query<{ relname: string }>({
    text: `SELECT relname FROM pg_stat_user_tables WHERE relname = ANY($1) AND n_dead_tup > 50 + 0.2 * n_live_tup`,
    values: [TABLES],
  });
  for (const { relname } of full)
    if (TABLES.includes(relname)) await db.query({ text: `VACUUM ${relname}` }).catch(() => {});
}
