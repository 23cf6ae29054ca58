import type { Queryable, Transaction } from '../../platform/postgres/database.ts';

/** In `sector`, `from` (a sub of `fromSector`) stands for `to` now. */
export interface SubjectMoveRow {
  readonly sector: string;
  readonly fromSector: string;
  readonly from: string;
  readonly to: string;
  readonly change: 'joined' | 'parted' | 'moved';
}

export async function writeSubjectMoves(tx: Transaction, moves: readonly SubjectMoveRow[], at: Date): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: 'subject-moves-write',
    text: `INSERT INTO subject_moves (sector, from_sector, from_sub, to_sub, change, moved_at)
           SELECT *, $6 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
           ON CONFLICT (sector, from_sector, from_sub)
           DO UPDATE SET to_sub = EXCLUDED.to_sub, change = EXCLUDED.change, moved_at = EXCLUDED.moved_at`,
    values: [
      moves.map(({ sector }) => sector),
      moves.map(({ fromSector }) => fromSector),
      moves.map(({ from }) => from),
      moves.map(({ to }) => to),
      moves.map(({ change }) => change),
      at,
    ],
  });
}

export interface ReadMoves {
  readonly sector: string;
  /** Sectors that this one continues and whose subs the reader knew. */
  readonly fromSectors: readonly string[];
  readonly since: Date | undefined;
  readonly after: { readonly fromSector: string; readonly from: string } | undefined;
  readonly limit: number;
}

export type MoveRow = {
  fromSector: string;
  from: string;
  to: string;
  change: SubjectMoveRow['change'];
  at: Date;
};

export function readSubjectMoves(db: Queryable, read: ReadMoves): Promise<MoveRow[]> {
  return db.query<MoveRow>({
    name: 'subject-moves-read',
    text: `SELECT from_sector AS "fromSector", from_sub AS "from", to_sub AS "to", change, moved_at AS "at"
           FROM subject_moves
           WHERE sector = $1 AND from_sector = ANY($2) AND ($3::timestamptz IS NULL OR moved_at >= $3)
             AND (from_sector, from_sub) > ($4, $5)
           ORDER BY from_sector, from_sub LIMIT $6`,
    values: [
      read.sector,
      [read.sector, ...read.fromSectors],
      read.since ?? null,
      read.after?.fromSector ?? '',
      read.after?.from ?? '',
      read.limit,
    ],
  });
}
