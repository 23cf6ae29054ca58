import type { Transaction } from '../../../platform/postgres/database.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { isRenamed } from './apply-batch.ts';
import { unpackKeys } from './batch-keys.ts';
import { HaltedError, type Lease } from './lease.ts';
import type { Matching } from './match-batch.ts';
import { addCounts, countGroups, type Counted, type OutcomeGroup } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import { createBatchSealer, putBatch } from './seal-batch.ts';
import { createFindShared } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';
import { createBatchWriter, type Written } from './write-batch.ts';

class RollBack extends Error {
  readonly written: Written;
  constructor(written: Written) {
    super('rehearsal');
    this.written = written;
  }
}

/** Stages, matches and applies every batch as a run does, and rolls it back; what would become of each row stays. */
export async function rehearsePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db } = deps;
  const { runId } = part;
  const started = performance.now();
  await db.transaction(async (tx) => {
    await lease.need(tx);
    await tx.query({
      text: 'DELETE FROM run_rehearsals WHERE run_id = $1 AND part = $2',
      values: [runId, part.part],
    });
  });
  const rehearse = await createRehearsal(deps, part);
  const counted: Counted[] = [];
  const tally = await readFileOf(deps, part, lease, async (sorted, batch) => {
    const outcomes = await rehearse(sorted, batch);
    counted.push(countGroups(outcomes));
    await db.transaction(async (tx) => {
      await lease.need(tx);
      await tx.query({
        text: `INSERT INTO run_rehearsals (run_id, part, batch, outcomes) VALUES ($1, $2, $3, $4::jsonb)`,
        values: [runId, part.part, batch, JSON.stringify(outcomes)],
      });
    });
  });
  const seconds = (performance.now() - started) / 1000;
  const rehearsed = { read: tally.counts.read, ...addCounts(counted), seconds };
  await db.transaction((tx) => lease.finish(tx, 'rehearsed', { rehearse: rehearsed }));
}

async function createRehearsal(deps: WorkDependencies, part: PartOfRun) {
  const { db, keyRing } = deps;
  const { source } = part;
  const sealBatch = createBatchSealer(deps, part, await createFindShared(deps, part));
  const writer = createBatchWriter();
  const givenUp = new Set<string>();
  const matching: Matching = { keyRing, source, asOf: part.asOf ?? part.plannedAt, givenUp };
  return async (sorted: SortedBatch, batch: number): Promise<readonly OutcomeGroup[]> => {
    const sealed = await sealBatch(sorted, batch);
    const writing = { ...sealed, keys: unpackKeys(sealed.keys), source, matching };
    const { outcomes, matched = [] } = await writer.write(writing, (apply) =>
      rolledBack(db, async (tx) => {
        if (!(await putBatch(tx, sealed))) throw new HaltedError();
        return apply(tx);
      }),
    );
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
