import { Value } from 'typebox/value';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { isAccountId } from '../../store/account-rows.ts';
import type { DataKey } from '../../store/data-key.ts';
import { MergeEntry } from '../sides.ts';

export interface MergeRow {
  readonly mergeId: string;
  readonly survivorId: string;
  readonly absorbedId: string;
  readonly seq: number;
  readonly mergedAt: Date;
  readonly mergedBy: string;
  readonly undoneAt: Date | null;
}

const COLUMNS = `merge_id AS "mergeId", survivor_id AS "survivorId", absorbed_id AS "absorbedId", seq,
  merged_at AS "mergedAt", merged_by AS "mergedBy", undone_at AS "undoneAt"`;

type Selected = { [K in keyof MergeRow]: MergeRow[K] };

/** Every merge that the account survived, the latest first. */
export function mergesOf(db: Queryable, survivorId: string): Promise<MergeRow[]> {
  if (!isAccountId(survivorId)) return Promise.resolve([]);
  return db.query<Selected>({
    name: 'merges-of',
    text: `SELECT ${COLUMNS} FROM merges WHERE survivor_id = $1 ORDER BY seq DESC`,
    values: [survivorId],
  });
}

export interface NewMerge {
  readonly mergeId: string;
  readonly survivorId: string;
  readonly absorbedId: string;
  readonly seq: number;
  readonly proofs: readonly object[];
  readonly policyVersion: number;
  readonly by: string;
  readonly at: Date;
}

/** Claims the absorbed account for this merge. False: it is part of another one. */
export async function claimAbsorbed(tx: Transaction, merge: NewMerge): Promise<boolean> {
  const rows = await tx.query({
    name: 'merge-claim',
    text: `INSERT INTO merged_accounts (absorbed_id, survivor_id, merge_id, merged_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (absorbed_id) DO NOTHING RETURNING absorbed_id`,
    values: [merge.absorbedId, merge.survivorId, merge.mergeId, merge.at],
  });
  return rows.length === 1;
}

const placeOf = (mergeId: string, entry: number): string => `merge_entries:${mergeId}:${entry}`;

export async function writeMerge(
  tx: Transaction,
  merge: NewMerge,
  { entries, key }: { readonly entries: readonly MergeEntry[]; readonly key: DataKey },
): Promise<void> {
  const { survivorId, mergeId } = merge;
  await tx.query({
    name: 'merge-insert',
    text: `INSERT INTO merges (survivor_id, merge_id, seq, absorbed_id, proofs, policy_version, merged_by, merged_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)`,
    values: [
      survivorId,
      mergeId,
      merge.seq,
      merge.absorbedId,
      JSON.stringify(merge.proofs),
      merge.policyVersion,
      merge.by,
      merge.at,
    ],
  });
  await tx.query({
    name: 'merge-entries-insert',
    text: `INSERT INTO merge_entries (survivor_id, merge_id, entry, kind, became, from_sealed)
           SELECT $1, $2, * FROM unnest($3::integer[], $4::text[], $5::text[], $6::bytea[])`,
    values: [
      survivorId,
      mergeId,
      entries.map((_entry, index) => index),
      entries.map(({ kind }) => kind),
      entries.map(({ became }) => became),
      entries.map(({ from }, index) => key.seal(placeOf(mergeId, index), JSON.stringify(from))),
    ],
  });
}

/** @throws Error when the ledger was changed or the absorbed account's key is gone. */
export async function readEntries(
  tx: Queryable,
  { survivorId, mergeId }: Pick<MergeRow, 'survivorId' | 'mergeId'>,
  key: DataKey,
): Promise<MergeEntry[]> {
  const rows = await tx.query<{ entry: number; kind: string; became: string; from_sealed: Buffer }>({
    name: 'merge-entries-read',
    text: `SELECT entry, kind, became, from_sealed FROM merge_entries
           WHERE survivor_id = $1 AND merge_id = $2 ORDER BY entry`,
    values: [survivorId, mergeId],
  });
  return rows.map(({ entry, kind, became, from_sealed: sealed }) => {
    const from: unknown = JSON.parse(key.open(placeOf(mergeId, entry), sealed));
    const line: unknown = { kind, became, from };
    if (!Value.Check(MergeEntry, line)) throw new Error('the ledger of a merge is damaged');
    return line;
  });
}

export async function writeUndone(tx: Transaction, merge: MergeRow, undone: { at: Date; by: string }): Promise<void> {
  await tx.query({
    text: 'UPDATE merges SET undone_at = $3, undone_by = $4 WHERE survivor_id = $1 AND merge_id = $2',
    values: [merge.survivorId, merge.mergeId, undone.at, undone.by],
  });
  await tx.query({
    text: 'DELETE FROM merged_accounts WHERE absorbed_id = $1 AND merge_id = $2',
    values: [merge.absorbedId, merge.mergeId],
  });
  // What stood there stands in the accounts again: a hash of a password is not kept twice.
  await tx.query({
    text: `UPDATE merge_entries SET from_sealed = '' WHERE survivor_id = $1 AND merge_id = $2`,
    values: [merge.survivorId, merge.mergeId],
  });
}

/** Erases what was kept for undoing merges from before that moment; what became of each thing stays readable. */
export async function forgetLedgers(db: Queryable, mergedBefore: Date, limit: number): Promise<number> {
  const merges = await db.query<{ survivor_id: string; merge_id: string }>({
    text: `SELECT survivor_id, merge_id FROM merges AS m WHERE merged_at < $1 AND EXISTS (
             SELECT 1 FROM merge_entries AS e
             WHERE e.survivor_id = m.survivor_id AND e.merge_id = m.merge_id AND e.from_sealed <> '')
           LIMIT $2`,
    values: [mergedBefore, limit],
  });
  for (const { survivor_id: survivorId, merge_id: mergeId } of merges) {
    await db.query({
      text: `UPDATE merge_entries SET from_sealed = '' WHERE survivor_id = $1 AND merge_id = $2`,
      values: [survivorId, mergeId],
    });
  }
  return merges.length;
}
