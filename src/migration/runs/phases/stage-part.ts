import type { Transaction } from '../../../platform/postgres/database.ts';
import { createRowKeys } from '../plan-batch.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { HaltedError, type Lease, needState } from './lease.ts';
import { copyOutcomes, type Counted, countOutcomes } from './outcome-rows.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import { sortForRun } from './sort-for-run.ts';
import { type BatchPlace, copyStaged, sealForStaging } from './staged-rows.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Seals the rows of a file and puts them beside the ledger, batch by batch; batches that are there already are only read. */
export async function stagePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db, keyRing, accounts } = deps;
  const { runId } = part;
  const sealing = { keyRing, keys: createRowKeys(keyRing, part.definition), emailKeyOf: accounts.emailKeyOf };
  const staged = await countBatches(deps, part);
  const writing = createWriteBehind();
  const stage = async (sorted: SortedBatch, batch: number): Promise<void> => {
    if (batch < staged) return;
    const place = { runId, part: part.part, batch };
    const { rows, decided } = sortForRun(sorted, part.cohort);
    const sealed = sealForStaging(sealing, rows);
    const weak = sealed.filter((row) => row.weak).length;
    await writing.next(() =>
      db.transaction(async (tx) => {
        await needState(tx, runId, 'staging');
        await beginBatch(tx, place, { rows: rows.length, weak, decided: countOutcomes(decided) });
        await copyStaged(tx, place, sealed);
        await copyOutcomes(tx, place, 'run', decided);
      }),
    );
  };
  const tally = await readFileOf(deps, part, lease, stage);
  await writing.end();
  await db.transaction(async (tx) => {
    const outcome = { asOf: part.asOf?.toISOString(), runId, costs: tally.costs };
    await tx.query({
      text: `INSERT INTO imports (import_id, source, file_name, file_digest, outcome, started_at)
             VALUES ($1, $2, $3, $4, $5::jsonb, $6)`,
      values: [
        part.importId,
        part.source,
        part.fileName.slice(0, 255),
        part.digest,
        JSON.stringify(outcome),
        deps.now(),
      ],
    });
    await lease.finish(tx, 'staged', { staged: { read: tally.counts.read } });
  });
}

/** @throws HaltedError when somebody who took over has staged it already. */
async function beginBatch(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  { rows, weak, decided }: { readonly rows: number; readonly weak: number; readonly decided: Counted },
): Promise<void> {
  const begun = await tx.query({
    text: `INSERT INTO run_batches (run_id, part, batch, rows, weak, counts) VALUES ($1, $2, $3, $4, $5, $6::jsonb)
           ON CONFLICT (run_id, part, batch) DO NOTHING RETURNING 1`,
    values: [runId, part, batch, rows, weak, JSON.stringify(decided)],
  });
  if (begun.length === 0) throw new HaltedError();
}

async function countBatches({ db }: WorkDependencies, { runId, part }: PartOfRun): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  return row?.n ?? 0;
}

/** One batch is written while the next is read and sealed; a failure comes out with the next. */
function createWriteBehind() {
  let writing: Promise<void> = Promise.resolve();
  return {
    async next(write: () => Promise<void>): Promise<void> {
      await writing;
      writing = write();
      writing.catch(() => {});
    },
    end: () => writing,
  };
}
