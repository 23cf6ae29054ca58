import type { Transaction } from '../../../platform/postgres/database.ts';
import { bucketOf } from '../../cutover/route-of.ts';
import { createRowSealer } from '../../ledger/seal-legacy-row.ts';
import { createRowKeys, type KeyedRow } from '../plan-batch.ts';
import type { Reject } from '../rejects-file.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { type BatchPlace, createKeysWriter } from './batch-keys.ts';
import type { MatchCode } from './decide-row.ts';
import { groupOutcomes, type OutcomeGroup, type OutcomeOfRow, rangesOf } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import { createStagedWriter } from './staged-rows.ts';
import type { FindShared } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';

/** A batch as it is put beside the ledger. */
export interface SealedBatch {
  readonly place: BatchPlace;
  readonly rows: number;
  /** Lines of rows whose hash is a bare weak digest still: sealed here, and never in the ledger. */
  readonly weakLines: readonly number[];
  readonly keys: Buffer;
  /** Of all rows, where the ledger knows none of them. */
  readonly expected: readonly OutcomeGroup[];
  readonly staged: Buffer;
}

const ALL = 10_000;

export type SealBatch = (sorted: SortedBatch, batch: number) => Promise<SealedBatch>;

/** Keys and seals the rows of a part for the ledger. */
export function createBatchSealer(deps: WorkDependencies, part: PartOfRun, findShared: FindShared): SealBatch {
  const keysOf = createRowKeys(deps.keyRing, part.definition);
  const writer = createStagedWriter(part);
  const seal = createRowSealer(deps.keyRing);
  // The same people as in a cut-over of as many percent.
  const isIn = ({ row }: KeyedRow): boolean => bucketOf(deps.keyRing, part.source, row.personal.login) < part.cohort;
  return async ({ rows: sorted, rejects }, batch) => {
    const keyed = sorted.map(keysOf);
    const rows = part.cohort >= ALL ? keyed : keyed.filter(isIn);
    const doubts = await doubtsOf(deps, rows, findShared);
    const keys = createKeysWriter(rows.length);
    for (const row of rows) {
      keys.add(row);
      writer.add(row, seal(row.legacyKey, { personal: row.personal, verifier: row.row.hash?.encoded }));
    }
    const expected = [
      ...groupOutcomes([...rejects.map(rejected), ...outside(keyed, rows)]),
      ...expectedOf(
        rows.map(({ line }) => line),
        doubts,
      ),
    ];
    const weakLines = rows.filter(({ row }) => row.hash?.weak).map(({ line }) => line);
    const place = { runId: part.runId, part: part.part, batch };
    return { place, rows: rows.length, weakLines, keys: keys.all(), expected, staged: writer.all() };
  };
}

const rejected = ({ line, codes: [code] }: Reject): OutcomeOfRow => ({
  line,
  outcome: 'rejected',
  code,
  effect: 'none',
});

/** Where the ledger knows none of the rows, all of them go in. */
function expectedOf(lines: readonly number[], doubts: readonly (MatchCode | undefined)[]): readonly OutcomeGroup[] {
  if (lines.length === 0) return [];
  if (doubts.length === 0) return [{ outcome: 'new', effect: 'insert', lines: rangesOf(lines) }];
  return groupOutcomes(
    lines.map((line, at) => {
      const code = doubts[at];
      return { line, outcome: code === undefined ? 'new' : 'needs-proof', code, effect: 'insert' };
    }),
  );
}

function outside(all: readonly KeyedRow[], taken: readonly KeyedRow[]): OutcomeOfRow[] {
  if (all.length === taken.length) return [];
  const inside = new Set(taken);
  return all.filter((row) => !inside.has(row)).map(({ line }) => ({ line, outcome: 'outside', effect: 'none' }));
}

/** E-mail equality is never a proof; it says where somebody should look before they link (E1, E9). */
async function doubtsOf(
  { db, accounts }: WorkDependencies,
  rows: readonly KeyedRow[],
  findShared: FindShared,
): Promise<readonly (MatchCode | undefined)[]> {
  const keys = rows.map(({ row: { personal } }) =>
    personal.email === undefined ? undefined : accounts.emailKeyOf(personal.email),
  );
  const known = keys.flatMap((key) => key ?? []);
  const held = await accounts.heldEmails(db, known);
  const shared = await findShared(known);
  if (held.size === 0 && shared.size === 0) return [];
  return keys.map((key) => {
    const hex = key?.toString('hex');
    if (hex === undefined) return undefined;
    return held.has(hex) ? 'email_on_account' : shared.has(hex) ? 'email_shared' : undefined;
  });
}

/** Puts a batch beside the ledger. False: it is there already. */
export async function putBatch(tx: Transaction, batch: SealedBatch): Promise<boolean> {
  const { runId, part, batch: number } = batch.place;
  const { rows, weakLines, keys, expected, staged } = batch;
  const put = await tx.query({
    name: 'run-put-batch',
    text: `INSERT INTO run_batches (run_id, part, batch, rows, weak, weak_lines, keys, expected, staged)
           VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb, $9)
           ON CONFLICT (run_id, part, batch) DO NOTHING RETURNING 1`,
    values: [
      runId,
      part,
      number,
      rows,
      weakLines.length,
      JSON.stringify(rangesOf(weakLines)),
      keys,
      JSON.stringify(expected),
      staged,
    ],
  });
  return put.length === 1;
}
