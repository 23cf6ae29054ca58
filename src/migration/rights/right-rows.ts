import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { RightRow } from './right-words.ts';

export interface WrittenRights {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** Writes what was said; what was said before in the same words is not touched. No right stands twice in `rows`. */
export async function writeRights(
  tx: Transaction,
  rows: readonly RightRow[],
  { saidBy, at }: { readonly saidBy: 'sign-in' | 'file'; readonly at: Date },
): Promise<WrittenRights> {
  const legacyKeys = rows.map(({ legacyKey }) => legacyKey);
  const rightKeys = rows.map(({ rightKey }) => rightKey);
  const known = await tx.query({
    text: `SELECT 1 FROM legacy_rights JOIN unnest($1::bytea[], $2::bytea[]) AS t (l, r) ON legacy_key = l AND right_key = r`,
    values: [legacyKeys, rightKeys],
  });
  const written = await tx.query({
    text: `INSERT INTO legacy_rights AS r (legacy_key, right_key, client_key, source, words_sealed, row_digest, said_by,
                                           valid_from, valid_until, noted_at)
           SELECT l, k, c, s, w, d, $7, f, u, $10
           FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::bytea[], $6::bytea[], $8::timestamptz[],
                       $9::timestamptz[]) AS t (l, k, c, s, w, d, f, u)
           ON CONFLICT (legacy_key, right_key) DO UPDATE
             SET words_sealed = excluded.words_sealed, row_digest = excluded.row_digest, said_by = excluded.said_by,
                 valid_from = excluded.valid_from, valid_until = excluded.valid_until, noted_at = excluded.noted_at,
                 ended_at = NULL
             WHERE r.row_digest <> excluded.row_digest OR r.ended_at IS NOT NULL
           RETURNING 1`,
    values: [
      legacyKeys,
      rightKeys,
      rows.map(({ clientKey }) => clientKey),
      rows.map(({ source }) => source),
      rows.map(({ wordsSealed }) => wordsSealed),
      rows.map(({ digest }) => digest),
      saidBy,
      rows.map(({ from }) => from ?? null),
      rows.map(({ until }) => until ?? null),
      at,
    ],
  });
  const created = rows.length - known.length;
  return { created, changed: written.length - created, unchanged: rows.length - written.length };
}

/** Ends what the old system said at an earlier sign-in and does not say now. What a file said stays. */
export async function endUnsaid(
  tx: Transaction,
  { legacyKey, said }: { readonly legacyKey: Buffer; readonly said: readonly Buffer[] },
  at: Date,
): Promise<number> {
  const rows = await tx.query({
    text: `UPDATE legacy_rights SET ended_at = $3
           WHERE legacy_key = $1 AND said_by = 'sign-in' AND ended_at IS NULL AND right_key <> ALL($2) RETURNING 1`,
    values: [legacyKey, said, at],
  });
  return rows.length;
}

export type HeldRight = Pick<RightRow, 'legacyKey' | 'rightKey' | 'wordsSealed'> & {
  readonly from: Date | null;
  readonly until: Date | null;
};

/** Rights that these old accounts hold now: not ended, begun, and not run out. */
export function rightsHeldNow(
  db: Queryable,
  legacyKeys: readonly Buffer[],
  { at, limit }: { readonly at: Date; readonly limit: number },
): Promise<HeldRight[]> {
  return db.query<{ [K in keyof HeldRight]: HeldRight[K] }>({
    name: 'rights-held-now',
    text: `SELECT legacy_key AS "legacyKey", right_key AS "rightKey", words_sealed AS "wordsSealed", valid_from AS "from",
                  valid_until AS "until" FROM legacy_rights
           WHERE legacy_key = ANY($1) AND ended_at IS NULL AND (valid_from IS NULL OR valid_from <= $2)
             AND (valid_until IS NULL OR valid_until > $2)
           ORDER BY legacy_key, right_key LIMIT $3`,
    values: [legacyKeys, at, limit],
  });
}
