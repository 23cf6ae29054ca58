import type { ImportRun } from './import-file.ts';
import { type BatchPlan, createRowKeys, type KeyedRow, planBatch } from './plan-batch.ts';
import type { SortedBatch } from './sort-rows.ts';
import { tallyTaken } from './tally.ts';
import { createRowWrapper } from './wrap-rows.ts';
import { type BatchWritten, StaleBatchError, writeBatch } from './write-batch.ts';

export interface BatchWriter {
  /** Plans the batch while the one before it is being written, then hands it over to be written. */
  write(batch: SortedBatch): Promise<void>;
  finish(): Promise<void>;
}

const MAX_PLANS = 8;

export function createBatchWriter(run: ImportRun): BatchWriter {
  const { dependencies, definition, tally } = run;
  const planning = { ...dependencies, wrapper: createRowWrapper(dependencies.passwordWork) };
  const keys = createRowKeys(dependencies.keyRing, definition);
  let writing: Promise<void> = Promise.resolve();

  const commit = async (first: BatchPlan, rows: readonly KeyedRow[], batch: SortedBatch): Promise<void> => {
    let plan = first;
    for (let plans = 1; ; plans += 1) {
      try {
        const written = await writeBatch(dependencies.db, plan, {
          source: definition.source,
          importId: run.importId,
          actor: run.request.actor,
          now: dependencies.now(),
          rehearse: run.request.rehearse === true,
          outcomeAfter: (done) => ({ ...afterBatch(run, plan, done), costs: tally.costs }),
        });
        return await settle(plan, written, batch);
      } catch (error) {
        if (!(error instanceof StaleBatchError) || plans === MAX_PLANS) throw error;
        plan = await planBatch(planning, definition.source, rows);
      }
    }
  };

  const settle = async (plan: BatchPlan, written: BatchWritten, batch: SortedBatch): Promise<void> => {
    tally.counts.created += written.created;
    tally.counts.changed += written.changed;
    tally.counts.unchanged += plan.unchanged;
    tally.counts.kept += plan.kept;
    for (const { row } of written.loginTaken) tallyTaken(tally, row);
    const taken = written.loginTaken.map(({ line, raw, row }) => ({
      line,
      raw,
      codes: ['login_taken'] as const,
      id: row.personal.id,
    }));
    await run.rejectsFile.write([...batch.rejects, ...taken]);
  };

  return {
    async write(batch) {
      const rows = batch.rows.map(keys);
      const plan = await planBatch(planning, definition.source, rows);
      await writing;
      writing = commit(plan, rows, batch);
      // It is awaited with the next batch; until then its failure must not count as unhandled.
      writing.catch(() => {});
    },
    finish: () => writing,
  };
}

function afterBatch({ tally }: ImportRun, plan: BatchPlan, written: BatchWritten) {
  const { created, changed, unchanged, kept } = tally.counts;
  return {
    created: created + written.created,
    changed: changed + written.changed,
    unchanged: unchanged + plan.unchanged,
    kept: kept + plan.kept,
  };
}
