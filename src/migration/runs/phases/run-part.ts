import { setTimeout as sleep } from 'node:timers/promises';
import { appendAudit } from '../../../audit/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { applyBatch, untilFresh } from './apply-batch.ts';
import { HaltedError, type Lease, needState } from './lease.ts';
import { matchBatch, type Matching } from './match-batch.ts';
import { createMeter } from './meter.ts';
import { addCounts, type Counted, copyOutcomes, countOutcomes } from './outcome-rows.ts';
import type { PartOfRun } from './part-of-run.ts';
import { type BatchPlace, readStagedKeys } from './staged-rows.ts';
import { readSharedEmails } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';
import { countWrapped, wrapNextBatch } from './wrap-batch.ts';

interface BatchRow extends Record<string, unknown> {
  batch: number;
  rows: number;
  counts: Counted;
  is_ready: boolean;
}

const WAIT_MS = 200;

/** Brings the staged batches of a part into the ledger, in the order of the file. */
export async function runPart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db, keyRing, accounts } = deps;
  const { source } = part;
  const started = performance.now();
  const shared = await readSharedEmails(deps, part);
  const matching: Matching = { keyRing, accounts, source, sharedEmails: shared, givenUp: new Set() };
  const { total, applied, left } = await readBatches(deps, part);
  const meter = createMeter(lease, { rowsTotal: total, before: applied });
  let rows = applied;
  for (const batch of left) {
    if (!batch.is_ready) await untilWrapped(deps, part, batch.batch, lease);
    lease.check();
    const place = { runId: part.runId, part: part.part, batch: batch.batch };
    await untilFresh(() => applyOne(deps, part, { place, matching, before: batch.counts }));
    rows += batch.rows;
    meter.report(rows);
  }
  await db.transaction(async (tx) => {
    const counted = await sumBatches(tx, part);
    const seconds = (performance.now() - started) / 1000;
    await closeImport(tx, part, { counted, at: deps.now() });
    await lease.finish(tx, 'ran', { run: { read: part.counts.staged?.read ?? 0, ...counted, seconds } });
  });
}

interface OneBatch {
  readonly place: BatchPlace;
  readonly matching: Matching;
  /** What was decided when it was staged. */
  readonly before: Counted;
}

async function applyOne(deps: WorkDependencies, part: PartOfRun, { place, matching, before }: OneBatch): Promise<void> {
  const { db } = deps;
  const staged = await readStagedKeys(db, place);
  const matched = await matchBatch(db, matching, staged);
  const counted = countOutcomes(matched);
  const at = part.runningAt ?? deps.now();
  await db.transaction(async (tx) => {
    await needState(tx, part.runId, 'running');
    const { source, importId } = part;
    await settleBatch(tx, place, { counts: addCounts([before, counted]), at: deps.now() });
    await applyBatch(tx, { place, source, importId, at }, matched);
    await copyOutcomes(tx, place, 'run', matched);
    await tx.query({
      name: 'run-unstage',
      text: 'DELETE FROM run_staged WHERE run_id = $1 AND part = $2 AND batch = $3',
      values: [place.runId, place.part, place.batch],
    });
    await record(tx, part, { place, created: effects(matched, 'insert'), changed: effects(matched, 'change'), at });
  });
}

const effects = (rows: readonly { readonly effect: string }[], effect: string): number =>
  rows.filter((row) => row.effect === effect).length;

/** Exactly one worker applies a batch, whoever else thinks that it should. @throws HaltedError */
async function settleBatch(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  { counts, at }: { readonly counts: Counted; readonly at: Date },
): Promise<void> {
  const settled = await tx.query({
    name: 'run-settle-batch',
    text: `UPDATE run_batches SET applied_at = $4, counts = $5::jsonb
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND applied_at IS NULL RETURNING 1`,
    values: [runId, part, batch, at, JSON.stringify(counts)],
  });
  if (settled.length === 0) throw new HaltedError();
}

/** One event for what a batch changed, with the batch (I7). Nothing changed: nothing to record. */
async function record(
  tx: Transaction,
  { source, importId, actor }: PartOfRun,
  batch: { readonly place: BatchPlace; readonly created: number; readonly changed: number; readonly at: Date },
): Promise<void> {
  const { place, created, changed, at } = batch;
  if (created + changed === 0) return;
  const detail = { importId, runId: place.runId, batch: place.batch, created, changed };
  await appendAudit(tx, { chain: `source:${source}`, type: 'source.rows-imported', actor, detail, at });
}

async function readBatches({ db }: WorkDependencies, { runId, part }: PartOfRun) {
  const [sum] = await db.query<{ total: number; applied: number }>({
    text: `SELECT coalesce(sum(rows), 0)::int AS total, coalesce(sum(rows) FILTER (WHERE applied_at IS NOT NULL), 0)::int AS applied
           FROM run_batches WHERE run_id = $1 AND part = $2`,
    values: [runId, part],
  });
  const left = await db.query<BatchRow>({
    text: `SELECT batch, rows, counts, weak = 0 OR wrapped_at IS NOT NULL AS is_ready FROM run_batches
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
    lease.check();
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

export async function sumBatches(tx: Transaction, { runId, part }: PartOfRun): Promise<Counted> {
  const rows = await tx.query<{ counts: Counted }>({
    text: 'SELECT counts FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  return addCounts(rows.map(({ counts }) => counts));
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
