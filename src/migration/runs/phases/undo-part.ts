import { appendAudit } from '../../../audit/index.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import type { UndoCounts } from '../desk/run-types.ts';
import { type BatchPlace, keysOnLines, readBatchKeys, type RowKeysOf } from './batch-keys.ts';
import { beginBatch, HaltedError, type Lease } from './lease.ts';
import { createMeter } from './meter.ts';
import { mendLater, readAbsent } from './mend-later.ts';
import { countLines, type LineRange, linesOf, type OutcomeGroup, rangesOf } from './outcome-groups.ts';
import { needNoneLeft } from './need-whole.ts';
import { openProofs } from './open-proofs.ts';
import type { PartOfRun } from './part-of-run.ts';
import { restoreChanged } from './restore-changed.ts';
import type { WorkDependencies } from './work-deps.ts';

export type Undone = 'restored' | 'touched' | 'superseded';

/** What a run wrote of one row, as against what there would be without it. */
export interface WrittenRow extends RowKeysOf {
  readonly effect: 'insert' | 'change';
}

interface UndoneGroup {
  readonly undone: Undone;
  readonly lines: readonly LineRange[];
}

/** Restores the state before a run, the last batch first. What somebody has touched since stays, and is listed. */
export async function undoPart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db } = deps;
  const batches = await appliedBatches(db, part);
  const total = batches.reduce((sum, { rows }) => sum + rows, 0);
  const meter = createMeter(lease, { rowsTotal: total, before: 0 });
  let done = 0;
  for (const batch of batches) {
    await lease.check();
    await db.transaction((tx) => undoBatch(tx, deps, part, batch));
    done += batch.rows;
    meter.report(done);
  }
  await db.transaction(async (tx) => {
    await needNoneLeft(tx, part, 'undone');
    await tx.query({
      text: `UPDATE imports SET outcome = outcome || '{"refused": true, "undone": true}'::jsonb WHERE import_id = $1`,
      values: [part.importId],
    });
    await lease.finish(tx, 'undone', { undo: await countUndone(tx, part) });
  });
}

interface AppliedBatch extends Record<string, unknown> {
  batch: number;
  rows: number;
  outcomes: readonly OutcomeGroup[];
}

const appliedBatches = (queryable: Queryable, { runId, part }: PartOfRun) =>
  queryable.query<AppliedBatch>({
    text: `SELECT batch, rows, outcomes FROM run_batches
           WHERE run_id = $1 AND part = $2 AND applied_at IS NOT NULL AND undone_at IS NULL ORDER BY batch DESC`,
    values: [runId, part],
  });

async function undoBatch(
  tx: Transaction,
  deps: WorkDependencies,
  part: PartOfRun,
  { batch, outcomes }: AppliedBatch,
): Promise<void> {
  const place = { runId: part.runId, part: part.part, batch };
  await beginBatch(tx, place.runId, 'undoing');
  const at = deps.now();
  const written = await readWritten(tx, place, outcomes);
  const inserts = written.filter(({ effect }) => effect === 'insert');
  const changes = written.filter(({ effect }) => effect === 'change');
  const removed = await removeInserted(tx, part, inserts, at);
  const restored = changes.length === 0 ? new Set<string>() : await restoreChanged(tx, part, { place, changes, at });
  const left = written.filter(({ legacyKey }) => !removed.has(hex(legacyKey)) && !restored.has(hex(legacyKey)));
  const whys = await whyLeft(tx, part, left);
  await mendLater(
    tx,
    part,
    place,
    left.filter(({ legacyKey }) => whys.get(hex(legacyKey)) === 'superseded'),
  );
  await noteUndone(tx, place, groupsOf(written, whys), at);
  await recordUndo(tx, part, place, { removed: removed.size, restored: restored.size, left: left.length, at });
}

const hex = (key: Buffer): string => key.toString('hex');

async function readWritten(
  tx: Transaction,
  place: BatchPlace,
  outcomes: readonly OutcomeGroup[],
): Promise<readonly WrittenRow[]> {
  const linesWith = (effect: WrittenRow['effect']): number[] =>
    outcomes.filter((group) => group.effect === effect).flatMap(({ lines }) => [...linesOf(lines)]);
  const changed = new Set(linesWith('change'));
  const keys = keysOnLines(await readBatchKeys(tx, place), [...linesWith('insert'), ...changed]);
  const absent = changed.size === 0 ? new Set<string>() : await readAbsent(tx, place);
  const isChange = ({ line, legacyKey }: RowKeysOf): boolean => changed.has(line) && !absent.has(hex(legacyKey));
  return keys.map((row) => ({ ...row, effect: isChange(row) ? 'change' : 'insert' }));
}

/** Only rows that are as this run wrote them, that nobody linked and that nobody is just proving. */
async function removeInserted(
  tx: Transaction,
  { importId }: PartOfRun,
  rows: readonly WrittenRow[],
  at: Date,
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const all = rows.map(({ legacyKey }) => legacyKey);
  const proving = new Set((await openProofs(tx, all, at)).map((row) => hex(row.legacy_key)));
  const keys = all.filter((key) => !proving.has(hex(key)));
  const removed = await tx.query<{ legacy_key: Buffer }>({
    name: 'run-remove',
    text: `DELETE FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[]) AND import_id = $2
             AND state IN ('waiting', 'refused') AND links_made = 0 AND (followed_at IS NULL OR followed_at < imported_at)
           RETURNING legacy_key`,
    values: [keys, importId],
  });
  const gone = new Set(removed.map((row) => hex(row.legacy_key)));
  const names = rows.filter(({ legacyKey }) => gone.has(hex(legacyKey)));
  await tx.query({
    name: 'run-remove-logins',
    text: `DELETE FROM legacy_login_names AS l USING unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           WHERE l.login_key = t.login_key AND l.legacy_key = t.legacy_key`,
    values: [names.map(({ loginKey }) => loginKey), names.map(({ legacyKey }) => legacyKey)],
  });
  return gone;
}

/**
 * A row that a later file changed is that file's, and so is one whose former user name a later file gave away. Every other one
 * that is left was touched by somebody: linked, erased, just being proved, or given a newer password at the old system.
 */
async function whyLeft(
  tx: Transaction,
  { importId }: PartOfRun,
  left: readonly WrittenRow[],
): Promise<ReadonlyMap<string, Undone>> {
  if (left.length === 0) return new Map();
  const rows = await tx.query<{ legacy_key: Buffer; import_id: string }>({
    text: `SELECT legacy_key, import_id FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[]) AND links_made = 0
             AND (followed_at IS NULL OR followed_at < imported_at OR import_id <> $2)`,
    values: [left.map(({ legacyKey }) => legacyKey), importId],
  });
  const unlinked = new Map(rows.map((row) => [hex(row.legacy_key), row.import_id]));
  const why = ({ legacyKey, effect }: WrittenRow): Undone => {
    const there = unlinked.get(hex(legacyKey));
    return there !== undefined && (effect === 'change' || there !== importId) ? 'superseded' : 'touched';
  };
  return new Map(left.map((row) => [hex(row.legacyKey), why(row)]));
}

function groupsOf(written: readonly WrittenRow[], left: ReadonlyMap<string, Undone>): readonly UndoneGroup[] {
  const groups = Map.groupBy(written, ({ legacyKey }) => left.get(hex(legacyKey)) ?? 'restored');
  return [...groups].map(([undone, rows]) => ({ undone, lines: rangesOf(rows.map(({ line }) => line)) }));
}

/** Exactly one worker undoes a batch. @throws HaltedError */
async function noteUndone(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  groups: readonly UndoneGroup[],
  at: Date,
): Promise<void> {
  const noted = await tx.query({
    text: `UPDATE run_batches SET undone_at = $4, undone = $5::jsonb
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND undone_at IS NULL RETURNING 1`,
    values: [runId, part, batch, at, JSON.stringify(groups)],
  });
  if (noted.length === 0) throw new HaltedError();
}

async function countUndone(tx: Transaction, { runId, part }: PartOfRun): Promise<UndoCounts> {
  const rows = await tx.query<{ undone: readonly UndoneGroup[] }>({
    text: 'SELECT undone FROM run_batches WHERE run_id = $1 AND part = $2 AND undone IS NOT NULL',
    values: [runId, part],
  });
  const counts = { restored: 0, touched: 0, superseded: 0 };
  for (const { undone: groups } of rows) for (const { undone, lines } of groups) counts[undone] += countLines(lines);
  return counts;
}

async function recordUndo(
  tx: Transaction,
  { source, importId, actor }: PartOfRun,
  { runId, batch }: BatchPlace,
  counts: { readonly removed: number; readonly restored: number; readonly left: number; readonly at: Date },
): Promise<void> {
  const { at, ...rest } = counts;
  if (rest.removed + rest.restored + rest.left === 0) return;
  const detail = { importId, runId, batch, ...rest };
  await appendAudit(tx, { chain: `source:${source}`, type: 'source.rows-undone', actor, detail, at });
}
