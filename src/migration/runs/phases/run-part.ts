import { setTimeout as sleep } from 'node:timers/promises';
import { appendAudit } from '../../../audit/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { BatchPlace } from './batch-keys.ts';
import { beginBatch, HaltedError, type Lease, needState } from './lease.ts';
import { createMeter } from './meter.ts';
import { addCounts, type Counted, countGroups, countLines, type OutcomeGroup } from './outcome-groups.ts';
import { needNoneLeft } from './need-whole.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readBatch } from './read-batch.ts';
import type { WorkDependencies } from './work-deps.ts';
import { countWrapped, wrapNextBatch } from './wrap-batch.ts';
import { type BatchWriter, createBatchWriter, type Writing } from './write-batch.ts';

interface BatchRow extends Record<string, unknown> {
  batch: number;
  rows: number;
  is_ready: boolean;
}

const WAIT_MS = 200;

/** Brings the staged batches of a part into the ledger, in the order of the file. */
export async function runPart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db, keyRing } = deps;
  const { runId, source } = part;
  const started = performance.now();
  const matching = { keyRing, source, asOf: part.asOf ?? part.plannedAt, givenUp: new Set<string>() };
  const writer = createBatchWriter();
  await db.transaction((tx) => openImport(tx, part, deps.now()));
  const { total, applied, left } = await readBatches(deps, part);
  const meter = createMeter(lease, { rowsTotal: total, before: applied });
  let done = applied;
  for (const { batch, rows, is_ready: isReady } of left) {
    if (!isReady) await untilWrapped(deps, part, batch, lease);
    await lease.check();
    const place = { runId, part: part.part, batch };
    const writing = { place, source, matching, ...(await readBatch(db, place)) };
    await writeOne(deps, part, writer, writing);
    done += rows;
    meter.report(done);
  }
  await db.transaction(async (tx) => {
    await needNoneLeft(tx, part, 'ran');
    const counted = await sumBatches(tx, part);
    const seconds = (performance.now() - started) / 1000;
    await closeImport(tx, part, { counted, at: deps.now() });
    await lease.finish(tx, 'ran', { run: { read: part.counts.validate?.read ?? 0, ...counted, seconds } });
  });
}

const writeOne = (deps: WorkDependencies, part: PartOfRun, writer: BatchWriter, writing: Writing) =>
  writer.write(writing, (apply) =>
    deps.db.transaction(async (tx) => {
      await beginBatch(tx, part.runId, 'running');
      const written = await apply(tx);
      const at = deps.now();
      await settleBatch(tx, writing.place, written.outcomes, at);
      await record(tx, part, { place: writing.place, outcomes: written.outcomes, at });
      return written;
    }),
  );

/** Exactly one worker applies a batch, whoever else thinks that it should. @throws HaltedError */
async function settleBatch(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  outcomes: readonly OutcomeGroup[],
  at: Date,
): Promise<void> {
  const settled = await tx.query({
    name: 'run-settle-batch',
    text: `UPDATE run_batches SET applied_at = $4, outcomes = $5::jsonb, staged = NULL
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND applied_at IS NULL RETURNING 1`,
    values: [runId, part, batch, at, JSON.stringify(outcomes)],
  });
  if (settled.length === 0) throw new HaltedError();
}

/** One event for what a batch changed, with the batch (I7). Nothing changed: nothing to record. */
async function record(
  tx: Transaction,
  { source, importId, actor }: PartOfRun,
  batch: { readonly place: BatchPlace; readonly outcomes: readonly OutcomeGroup[]; readonly at: Date },
): Promise<void> {
  const { place, outcomes, at } = batch;
  const created = effects(outcomes, 'insert');
  const changed = effects(outcomes, 'change');
  if (created + changed === 0) return;
  const detail = { importId, runId: place.runId, batch: place.batch, created, changed };
  await appendAudit(tx, { chain: `source:${source}`, type: 'source.rows-imported', actor, detail, at });
}

const effects = (outcomes: readonly OutcomeGroup[], effect: OutcomeGroup['effect']): number =>
  outcomes.filter((group) => group.effect === effect).reduce((sum, { lines }) => sum + countLines(lines), 0);

async function readBatches({ db }: WorkDependencies, { runId, part }: PartOfRun) {
  const [sum] = await db.query<{ total: number; applied: number }>({
    text: `SELECT coalesce(sum(rows), 0)::int AS total, coalesce(sum(rows) FILTER (WHERE applied_at IS NOT NULL), 0)::int AS applied
           FROM run_batches WHERE run_id = $1 AND part = $2`,
    values: [runId, part],
  });
  const left = await db.query<BatchRow>({
    text: `SELECT batch, rows, weak = 0 OR wrapped_at IS NOT NULL AS is_ready FROM run_batches
           WHERE run_id = $1 AND part = $2 AND applied_at IS NULL ORDER BY batch`,
    values: [runId, part],
  });
  return { total: sum?.total ?? 0, applied: sum?.applied ?? 0, left };
}

/** Wraps what nobody else is wrapping until the batch is wrapped: its rows never stand in the ledger bare. */
async function untilWrapped(deps: WorkDependencies, part: PartOfRun, batch: number, lease: Lease): Promise<void> {
  const { runId } = part;
  const counted = await countWrapped(deps.db, runId, part.part);
  const meter = createMeter(lease, { rowsTotal: counted.total, before: counted.done }, 'wrapping');
  for (;;) {
    await lease.check();
    const [row] = await deps.db.query({
      text: 'SELECT 1 FROM run_batches WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrapped_at IS NOT NULL',
      values: [runId, part.part, batch],
    });
    if (row) return;
    const did = await wrapNextBatch(deps, { runId, part: part.part }, () => lease.check());
    if (!did) await sleep(WAIT_MS);
    meter.report((await countWrapped(deps.db, runId, part.part)).done);
  }
}

async function sumBatches(tx: Transaction, { runId, part }: PartOfRun): Promise<Counted> {
  const rows = await tx.query<{ outcomes: readonly OutcomeGroup[] }>({
    text: 'SELECT outcomes FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  return addCounts(rows.map(({ outcomes }) => countGroups(outcomes)));
}

/** From now on its rows come in: decoys look like them, and older files are older than it. */
async function openImport(tx: Transaction, part: PartOfRun, now: Date): Promise<void> {
  const { importId, source, fileName, digest, runId, counts, asOf } = part;
  const outcome = { asOf: asOf?.toISOString(), runId, costs: counts.validate?.costs ?? {} };
  await needState(tx, runId, 'running');
  await tx.query({
    text: `INSERT INTO imports (import_id, source, file_name, file_digest, outcome, started_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6) ON CONFLICT (import_id) DO NOTHING`,
    values: [importId, source, fileName.slice(0, 255), digest, JSON.stringify(outcome), now],
  });
}

async function closeImport(
  tx: Transaction,
  { importId, source, actor }: PartOfRun,
  { counted: { outcomes }, at }: { readonly counted: Counted; readonly at: Date },
): Promise<void> {
  await tx.query({
    text: 'UPDATE imports SET outcome = outcome || $2::jsonb, finished_at = $3 WHERE import_id = $1',
    values: [importId, JSON.stringify({ outcomes }), at],
  });
  const detail = { importId, new: outcomes.new, changed: outcomes.changed, rejected: outcomes.rejected };
  await appendAudit(tx, { chain: `source:${source}`, type: 'source.import-finished', actor, detail, at });
}
