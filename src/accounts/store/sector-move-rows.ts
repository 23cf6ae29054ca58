import type { Queryable } from '../../platform/postgres/database.ts';

export type SectorMoveRow = { fromSector: string; toSector: string; subs: 'kept' | 'new' };

/** The sector that this one continues. */
export async function findSectorMove(db: Queryable, toSector: string): Promise<SectorMoveRow | undefined> {
  const [row] = await db.query<SectorMoveRow>({
    name: 'sector-move-find',
    text: `SELECT from_sector AS "fromSector", to_sector AS "toSector", subs FROM sector_moves WHERE to_sector = $1`,
    values: [toSector],
  });
  return row;
}

/** Whether this service may change over to a sector that continues its own. */
export async function mayFollow(
  db: Queryable,
  { clientId, from, to }: { readonly clientId: string; readonly from: string; readonly to: string },
): Promise<boolean> {
  const rows = await db.query({
    text: `SELECT 1 FROM sector_moves
           WHERE to_sector = $1 AND from_sector = $2 AND (client_ids IS NULL OR $3 = ANY(client_ids))`,
    values: [to, from, clientId],
  });
  return rows.length === 1;
}

export interface NewSectorMove {
  readonly from: string;
  readonly to: string;
  readonly subs: 'kept' | 'new';
  readonly clientIds: readonly string[] | undefined;
  readonly by: string;
  readonly at: Date;
}

export async function insertSectorMove(db: Queryable, move: NewSectorMove): Promise<boolean> {
  const rows = await db.query({
    text: `INSERT INTO sector_moves (to_sector, from_sector, subs, client_ids, moved_by, moved_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (to_sector) DO NOTHING RETURNING to_sector`,
    values: [move.to, move.from, move.subs, move.clientIds ?? null, move.by, move.at],
  });
  return rows.length === 1;
}

export async function finishSectorMove(db: Queryable, toSector: string, at: Date): Promise<void> {
  await db.query({
    text: 'UPDATE sector_moves SET finished_at = $2 WHERE to_sector = $1 AND finished_at IS NULL',
    values: [toSector, at],
  });
}

/** Accounts that the old sector knows and the new one does not yet, in the order of their ids. */
export async function accountsToMove(
  db: Queryable,
  move: { readonly from: string; readonly to: string },
  page: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db.query<{ account_id: string }>({
    text: `SELECT old.account_id FROM subjects AS old
           LEFT JOIN subjects AS new ON new.account_id = old.account_id AND new.sector = $2
           WHERE old.sector = $1 AND old.account_id > $3 AND new.account_id IS NULL
           ORDER BY old.account_id LIMIT $4`,
    values: [move.from, move.to, page.after, page.limit],
  });
  return rows.map((row) => row.account_id);
}

/** Of each sector that keeps the subs of another one: that other one. */
export async function keptSectors(db: Queryable): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ to_sector: string; from_sector: string }>({
    name: 'sectors-kept',
    text: `SELECT to_sector, from_sector FROM sector_moves WHERE subs = 'kept'`,
  });
  return new Map(rows.map((row) => [row.to_sector, row.from_sector]));
}
