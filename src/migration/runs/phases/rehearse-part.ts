import type { Transaction } from '../../../platform/postgres/database.ts';
import { isRenamed } from './apply-batch.ts';
import type { BatchPlace } from './batch-keys.ts';
import { createExpectOutcomes } from './expect-outcomes.ts';
import type { Lease } from './lease.ts';
import type { Matching } from './match-batch.ts';
import { createMeter } from './meter.ts';
import { addCounts, countGroups, type Counted, type OutcomeGroup } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readUnstaged } from './read-batch.ts';
import type { WorkDependencies } from './work-deps.ts';
import { createBatchWriter, type Written } from './write-batch.ts';

class RollBack extends Error {
  readonly written: Written;
  constructor(written: Written) {
    super('rehearsal');
    this.written = written;
  }
}

/** Matches and applies every batch as a run does, and rolls it back; what would become of each row stays. */
export async function rehearsePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db } = deps;
  const { runId } = part;
  const started = performance.now();
  const batches = await beginAgain(deps, part, lease);
  const rehearse = await createRehearsal(deps, part);
  const meter = createMeter(lease, { rowsTotal: batches.reduce((sum, { rows }) => sum + rows, 0), before: 0 });
  const counted: Counted[] = [];
  let done = 0;
  for (const { batch, rows } of batches) {
    await lease.check();
    const outcomes = await rehearse({ runId, part: part.part, batch });
    counted.push(countGroups(outcomes));
    await db.transaction(async (tx) => {
      await lease.need(tx);
      await tx.query({
        name: 'run-put-rehearsal',
        text: `INSERT INTO run_rehearsals (run_id, part, batch, outcomes) VALUES ($1, $2, $3, $4::jsonb)`,
        values: [runId, part.part, batch, JSON.stringify(outcomes)],
      });
    });
    done += rows;
    meter.report(done);
  }
  const seconds = (performance.now() - started) / 1000;
  const rehearsed = { read: part.counts.validate?.read ?? 0, ...addCounts(counted), seconds };
  await db.transaction((tx) => lease.finish(tx, 'rehearsed', { rehearse: rehearsed }));
}

/** From the first batch on: what one gives up the next may claim, and that is known only by whoever rehearsed it. */
async function beginAgain({ db }: WorkDependencies, { runId, part }: PartOfRun, lease: Lease) {
  await db.transaction(async (tx) => {
    await lease.need(tx);
    await tx.query({ text: 'DELETE FROM run_rehearsals WHERE run_id = $1 AND part = $2', values: [runId, part] });
  });
  return db.query<{ batch: number; rows: number }>({
    text: 'SELECT batch, rows FROM run_batches WHERE run_id = $1 AND part = $2 ORDER BY batch',
    values: [runId, part],
  });
}

async function createRehearsal(deps: WorkDependencies, part: PartOfRun) {
  const { db, keyRing } = deps;
  const { source } = part;
  const expect = await createExpectOutcomes(deps, part);
  const writer = createBatchWriter();
  const givenUp = new Set<string>();
  const matching: Matching = { keyRing, source, asOf: part.asOf ?? part.plannedAt, givenUp };
  return async (place: BatchPlace): Promise<readonly OutcomeGroup[]> => {
    const batch = await readUnstaged(db, place);
    const writing = { place, source, matching, ...batch, expected: await expect(batch) };
    const { outcomes, matched = [] } = await writer.write(writing, (apply) => rolledBack(db, apply));
    for (const row of matched) if (isRenamed(row) && row.seen) givenUp.add(row.seen.loginKey.toString('hex'));
    return outcomes;
  };
}

async function rolledBack(db: WorkDependencies['db'], work: (tx: Transaction) => Promise<Written>): Promise<Written> {
  try {
    return await db.transaction(async (tx) => {
      throw new RollBack(await work(tx));
    });
  } catch (error) {
    if (error instanceof RollBack) return error.written;
    throw error;
  }
}
