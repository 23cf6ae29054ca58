import type { Transaction } from '../../../platform/postgres/database.ts';
import { bucketOf } from '../../cutover/route-of.ts';
import { createRowSealer } from '../../ledger/seal-legacy-row.ts';
import { createRowKeys, type KeyedRow } from '../plan-batch.ts';
import type { Reject } from '../rejects-file.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { type BatchPlace, createKeysWriter } from './batch-keys.ts';
import { type EmailKey, packEmailKeys } from './email-keys.ts';
import { groupOutcomes, type OutcomeGroup, type OutcomeOfRow, rangesOf } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import { createStagedWriter } from './staged-rows.ts';
import type { WorkDependencies } from './work-deps.ts';

/** A batch as it is put beside the ledger. */
export interface SealedBatch {
  readonly place: BatchPlace;
  readonly rows: number;
  /** Lines of rows whose hash is a bare weak digest still: sealed here, and never in the ledger. */
  readonly weakLines: readonly number[];
  readonly keys: Buffer;
  readonly emailKeys: Buffer;
  /** Of rows that do not go in. */
  readonly decided: readonly OutcomeGroup[];
  readonly staged: Buffer;
}

const ALL = 10_000;

export type SealBatch = (sorted: SortedBatch, emailKeys: readonly EmailKey[], batch: number) => SealedBatch;

/** Keys and seals the rows of a part for the ledger. */
export function createBatchSealer({ keyRing }: WorkDependencies, part: PartOfRun): SealBatch {
  const keysOf = createRowKeys(keyRing, part.definition);
  const writer = createStagedWriter(part);
  const seal = createRowSealer(keyRing);
  // The same people as in a cut-over of as many percent.
  const isIn = ({ row }: KeyedRow): boolean =>
    part.cohort >= ALL || bucketOf(keyRing, part.source, row.personal.login) < part.cohort;
  return ({ rows: sorted, rejects }, allEmailKeys, batch) => {
    const keys = createKeysWriter(sorted.length);
    const emailKeys: EmailKey[] = [];
    const weakLines: number[] = [];
    const decided = rejects.map(rejected);
    for (const [at, one] of sorted.entries()) {
      const row = keysOf(one);
      if (!isIn(row)) {
        decided.push({ line: row.line, outcome: 'outside', effect: 'none' });
        continue;
      }
      keys.add(row);
      emailKeys.push(allEmailKeys[at]);
      if (row.row.hash?.weak) weakLines.push(row.line);
      writer.add(row, seal(row.legacyKey, { personal: row.personal, verifier: row.row.hash?.encoded }));
    }
    return {
      place: { runId: part.runId, part: part.part, batch },
      rows: emailKeys.length,
      weakLines,
      keys: keys.all(),
      emailKeys: packEmailKeys(emailKeys),
      decided: groupOutcomes(decided),
      staged: writer.all(),
    };
  };
}

const rejected = ({ line, codes: [code] }: Reject): OutcomeOfRow => ({
  line,
  outcome: 'rejected',
  code,
  effect: 'none',
});

/** Puts a batch beside the ledger, after the one before it. False: it is there already, or that one is not. */
export async function putBatch(tx: Transaction, batch: SealedBatch): Promise<boolean> {
  const { runId, part, batch: number } = batch.place;
  const { rows, weakLines, keys, emailKeys, decided, staged } = batch;
  const put = await tx.query({
    name: 'run-put-batch',
    text: `INSERT INTO run_batches (run_id, part, batch, rows, weak, weak_lines, keys, email_keys, expected, staged)
           SELECT $1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9::jsonb, $10
           WHERE $3 = 0 OR EXISTS (SELECT 1 FROM run_batches WHERE run_id = $1 AND part = $2 AND batch = $3 - 1)
           ON CONFLICT (run_id, part, batch) DO NOTHING RETURNING 1`,
    values: [
      runId,
      part,
      number,
      rows,
      weakLines.length,
      JSON.stringify(rangesOf(weakLines)),
      keys,
      emailKeys,
      JSON.stringify(decided),
      staged,
    ],
  });
  return put.length === 1;
}
