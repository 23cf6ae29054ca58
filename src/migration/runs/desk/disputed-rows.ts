import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import { openPersonal } from '../../ledger/seal-legacy-row.ts';
import { isOperator } from '../../linking/ask-or-approve.ts';
import { type BatchPlace, keysOnLines, readBatchKeys } from '../phases/batch-keys.ts';
import { type LineRange, linesOf, type OutcomeGroup } from '../phases/outcome-groups.ts';
import { mask, maskEmail } from './mask.ts';
import { recordRun } from './move-run.ts';
import type { DisputedRow, RunMeta } from './run-types.ts';

interface BatchRow extends BatchPlace, Record<string, unknown> {
  readonly source: string;
  readonly since: Date;
  readonly outcomes: readonly OutcomeGroup[];
  readonly undone: readonly { readonly undone: string; readonly lines: readonly LineRange[] }[] | null;
}

interface Row {
  readonly runId: string;
  readonly source: string;
  readonly line: number;
  readonly code: string;
  readonly legacyKey: Buffer;
  readonly since: Date;
}

interface LedgerRow extends Record<string, unknown> {
  legacy_key: Buffer;
  data_key: Buffer;
  personal_sealed: Buffer;
}

export interface DisputedAsked {
  readonly source?: string | undefined;
  readonly limit: number;
  readonly meta: RunMeta;
  readonly reason: string;
}

const MAX_LIMIT = 500;
const MIN_REASON = 5;

/**
 * Rows that no import may decide about and that nobody has proved yet. Masked; each look is on record with its reason. Only
 * their owners settle them, by proving (E9): there is nothing here that an operator could do in their place.
 */
export async function disputedRows(
  { db, keyRing, now }: { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date },
  { source, limit, meta, reason }: DisputedAsked,
): Promise<readonly DisputedRow[]> {
  if (!isOperator(meta.actor)) throw new LatchkeyError('not_allowed', 'Only operators look at disputed rows.');
  if (reason.trim().length < MIN_REASON) throw new LatchkeyError('input_invalid', 'Say why you look at these rows.');
  const found = await firstOpen(db, source, Math.min(limit, MAX_LIMIT));
  const shown = found.map(({ row, there }) => maskedRow(keyRing, row, there));
  const runs = new Set(shown.map(({ runId }) => runId));
  await db.transaction(async (tx) => {
    const detail = { rows: shown.length, reason: reason.slice(0, 200), ...(source !== undefined && { source }) };
    for (const runId of runs) await recordRun(tx, 'run.rows-looked-at', runId, { at: now(), meta, detail });
  });
  return shown;
}

interface OpenRow {
  readonly row: Row;
  readonly there: LedgerRow;
}

/** The latest row of each old account, the newest run first; those that are settled by now do not count. */
async function firstOpen(db: Database, source: string | undefined, wanted: number): Promise<readonly OpenRow[]> {
  const found = new Map<string, OpenRow>();
  let after: BatchRow | undefined;
  do {
    const batches = await nextBatches(db, source, after);
    for (const batch of batches) {
      const rows = await disputedOf(db, batch);
      const open = await openRows(db, rows);
      addOpen(found, rows, open);
      if (found.size >= wanted) return [...found.values()].slice(0, wanted);
    }
    after = batches.at(-1);
  } while (after);
  return [...found.values()];
}

function addOpen(found: Map<string, OpenRow>, rows: readonly Row[], open: ReadonlyMap<string, LedgerRow>): void {
  for (const row of rows) {
    const key = row.legacyKey.toString('hex');
    const there = open.get(key);
    if (there && !found.has(key)) found.set(key, { row, there });
  }
}

const BATCHES_AT_ONCE = 50;

function nextBatches(db: Database, source: string | undefined, after: BatchRow | undefined): Promise<BatchRow[]> {
  return db.query<BatchRow>({
    text: `SELECT b.run_id AS "runId", b.part, b.batch, p.source, b.applied_at AS since, b.outcomes, b.undone
           FROM run_batches AS b JOIN run_parts AS p USING (run_id, part)
           WHERE b.outcomes @> '[{"outcome": "needs-proof"}]' AND ($1::text IS NULL OR p.source = $1)
             AND ($2::uuid IS NULL OR b.run_id < $2 OR b.run_id = $2 AND (b.part, b.batch) > ($3, $4))
           ORDER BY b.run_id DESC, b.part, b.batch LIMIT $5`,
    values: [source ?? null, after?.runId ?? null, after?.part ?? 0, after?.batch ?? 0, BATCHES_AT_ONCE],
  });
}

async function disputedOf(db: Database, batch: BatchRow): Promise<Row[]> {
  const gone = new Set(
    (batch.undone ?? []).filter(({ undone }) => undone === 'restored').flatMap(({ lines }) => [...linesOf(lines)]),
  );
  const codes = new Map(
    batch.outcomes
      .filter(({ outcome }) => outcome === 'needs-proof')
      .flatMap(({ code = '', lines }) => [...linesOf(lines)].map((line) => [line, code] as const)),
  );
  const keys = keysOnLines(await readBatchKeys(db, batch), codes.keys());
  const { runId, source, since } = batch;
  return keys
    .filter(({ line }) => !gone.has(line))
    .map(({ line, legacyKey }) => ({ runId, source, line, code: codes.get(line) ?? '', legacyKey, since }));
}

/** Those that nobody has taken over since. */
async function openRows(db: Database, rows: readonly Row[]): Promise<ReadonlyMap<string, LedgerRow>> {
  const found = await db.query<LedgerRow>({
    text: `SELECT legacy_key, data_key, personal_sealed FROM legacy_accounts
           WHERE legacy_key = ANY($1::bytea[]) AND state IN ('waiting', 'refused', 'released')`,
    values: [rows.map(({ legacyKey }) => legacyKey)],
  });
  return new Map(found.map((row) => [row.legacy_key.toString('hex'), row]));
}

function maskedRow(keyRing: KeyRing, row: Row, there: LedgerRow): DisputedRow {
  const sealed = { dataKey: there.data_key, personalSealed: there.personal_sealed };
  const { id, email, name } = openPersonal(keyRing, row.legacyKey, sealed);
  return {
    runId: row.runId,
    source: row.source,
    line: row.line,
    code: row.code,
    id: mask(id),
    email: email === undefined ? undefined : maskEmail(email),
    name: name === undefined ? undefined : mask(name),
    since: row.since,
  };
}
