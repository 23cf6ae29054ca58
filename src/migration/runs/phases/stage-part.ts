import type { Transaction } from '../../../platform/postgres/database.ts';
import type { BatchPlace } from './batch-keys.ts';
import { createExpectOutcomes } from './expect-outcomes.ts';
import { beginBatch, HaltedError, type Lease } from './lease.ts';
import { createMeter } from './meter.ts';
import type { OutcomeGroup } from './outcome-groups.ts';
import { needNoneLeft } from './need-whole.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readForeseen } from './read-batch.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Says of each batch, as accounts stand now, what becomes of its rows where the ledger knows none of them. */
export async function stagePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db } = deps;
  const { runId } = part;
  const expect = await createExpectOutcomes(deps, part);
  const { batches, total, before } = await readBatches(deps, part);
  const meter = createMeter(lease, { rowsTotal: total, before });
  let done = before;
  for (const { batch, rows } of batches) {
    await lease.check();
    const place = { runId, part: part.part, batch };
    const expected = await expect(await readForeseen(db, place));
    await db.transaction(async (tx) => {
      await beginBatch(tx, runId, 'staging');
      await putExpected(tx, place, expected);
    });
    done += rows;
    meter.report(done);
  }
  await db.transaction(async (tx) => {
    await needNoneLeft(tx, part, 'staged');
    await lease.finish(tx, 'staged', { staged: { read: part.counts.validate?.read ?? 0 } });
  });
}

async function readBatches({ db }: WorkDependencies, { runId, part }: PartOfRun) {
  const all = await db.query<{ batch: number; rows: number; is_staged: boolean }>({
    text: `SELECT batch, rows, email_keys IS NULL AS is_staged FROM run_batches
           WHERE run_id = $1 AND part = $2 ORDER BY batch`,
    values: [runId, part],
  });
  const sum = (batches: typeof all): number => batches.reduce((so, { rows }) => so + rows, 0);
  const batches = all.filter((batch) => !batch.is_staged);
  return { batches, total: sum(all), before: sum(all) - sum(batches) };
}

/** @throws HaltedError when somebody else has staged it. */
async function putExpected(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  expected: readonly OutcomeGroup[],
): Promise<void> {
  const put = await tx.query({
    name: 'run-put-expected',
    text: `UPDATE run_batches SET expected = $4::jsonb, email_keys = NULL
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND email_keys IS NOT NULL RETURNING 1`,
    values: [runId, part, batch, JSON.stringify(expected)],
  });
  if (put.length === 0) throw new HaltedError();
}
