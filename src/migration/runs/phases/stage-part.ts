import type { SortedBatch } from '../sort-rows.ts';
import { HaltedError, type Lease, needState } from './lease.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import { createBatchSealer, putBatch } from './seal-batch.ts';
import { createFindShared } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Seals the rows of a file and puts them beside the ledger, batch by batch; batches that are there already are only read. */
export async function stagePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db } = deps;
  const { runId } = part;
  const sealBatch = createBatchSealer(deps, part, await createFindShared(deps, part));
  const staged = await countBatches(deps, part);
  const writing = createWriteBehind();
  const stage = async (sorted: SortedBatch, batch: number): Promise<void> => {
    if (batch < staged) return;
    const sealed = await sealBatch(sorted, batch);
    await writing.next(() =>
      db.transaction(async (tx) => {
        await needState(tx, runId, 'staging');
        // Whoever took over has staged it already.
        if (!(await putBatch(tx, sealed))) throw new HaltedError();
      }),
    );
  };
  const tally = await readFileOf(deps, part, lease, stage);
  await writing.end();
  const { read } = tally.counts;
  await db.transaction((tx) => lease.finish(tx, 'staged', { staged: { read, costs: tally.costs } }));
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
