import type { Transaction } from '../../../platform/postgres/database.ts';
import { findSource } from '../../sources/source-store.ts';
import { latestAsOf } from '../provenance/older-file.ts';
import type { PartRow } from './run-rows.ts';

/** Something that a rehearsal stood on is not what it was: how the source is read, or what the ledger holds of it. */
export async function isChangedSince(tx: Transaction, part: PartRow, since: Date): Promise<boolean> {
  const source = await findSource(tx, part.source);
  if (source?.version !== part.source_version) return true;
  const imports = await tx.query({
    text: `SELECT 1 FROM imports
           WHERE source = $1 AND coalesce(finished_at, started_at) > $2 AND outcome->>'asks' IS NULL LIMIT 1`,
    values: [part.source, since],
  });
  const undone = await tx.query({
    text: `SELECT 1 FROM run_parts JOIN runs USING (run_id)
           WHERE source = $1 AND state IN ('undoing', 'undone') AND state_since > $2 LIMIT 1`,
    values: [part.source, since],
  });
  return imports.length + undone.length > 0;
}

/** A file is planned as the newest of its source and may be the older one by the time that it is its turn. */
export async function isOlderNow(
  tx: Transaction,
  { source, as_of: asOf, is_older: wasOlder }: PartRow,
): Promise<boolean> {
  const last = asOf && (await latestAsOf(tx, source));
  return wasOlder || (!!last && asOf < last);
}
