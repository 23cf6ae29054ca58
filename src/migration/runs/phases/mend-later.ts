import type { Transaction } from '../../../platform/postgres/database.ts';
import type { BatchPlace } from './batch-keys.ts';
import type { PartOfRun } from './part-of-run.ts';
import type { WrittenRow } from './undo-part.ts';

/**
 * Rows that a later run has changed are left to it. What it keeps as their state before is what this run wrote, and must not
 * come back when the later one is undone too: it becomes their state before this run.
 */
export async function mendLater(
  tx: Transaction,
  { source, importId }: PartOfRun,
  { runId, part, batch }: BatchPlace,
  rows: readonly WrittenRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const keysOf = (effect: WrittenRow['effect']): Buffer[] =>
    rows.filter((row) => row.effect === effect).map(({ legacyKey }) => legacyKey);
  await tx.query({
    text: `UPDATE run_before AS later
           SET login_key = earlier.login_key, state = earlier.state, source_status = earlier.source_status,
               data_key = earlier.data_key, personal_sealed = earlier.personal_sealed,
               verifier_sealed = earlier.verifier_sealed, scheme = earlier.scheme, row_digest = earlier.row_digest,
               import_id = earlier.import_id, imported_at = earlier.imported_at
           FROM run_before AS earlier
           WHERE earlier.run_id = $1 AND earlier.part = $2 AND earlier.batch = $3 AND earlier.legacy_key = ANY($4::bytea[])
             AND later.legacy_key = earlier.legacy_key AND later.import_id = $5
             AND (later.run_id, later.part) IN (SELECT run_id, part FROM run_parts WHERE source = $6 AND run_id <> $1)`,
    values: [runId, part, batch, keysOf('change'), importId, source],
  });
  await tx.query({
    text: `UPDATE run_before AS later SET absent = true
           WHERE later.legacy_key = ANY($1::bytea[]) AND later.import_id = $2
             AND (later.run_id, later.part) IN (SELECT run_id, part FROM run_parts WHERE source = $3 AND run_id <> $4)`,
    values: [keysOf('insert'), importId, source, runId],
  });
}

/** Hex of rows that a run changed, and that would not be there had the undone runs before it never been. */
export async function readAbsent(tx: Transaction, { runId, part, batch }: BatchPlace): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ legacy_key: Buffer }>({
    text: 'SELECT legacy_key FROM run_before WHERE run_id = $1 AND part = $2 AND batch = $3 AND absent',
    values: [runId, part, batch],
  });
  return new Set(rows.map((row) => row.legacy_key.toString('hex')));
}
