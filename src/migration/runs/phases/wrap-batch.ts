import { isLegacyScheme, wrapWeak } from '../../../accounts/index.ts';
import { type CopiedRow, copyOf } from '../../../platform/postgres/copy-binary.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { openVerifier, sealVerifier } from '../../ledger/seal-legacy-row.ts';
import { inItsTurn } from '../wrap-rows.ts';
import { type BatchPlace, readBatchKeys } from './batch-keys.ts';
import { HaltedError, needState } from './lease.ts';
import { type LineRange, linesOf } from './outcome-groups.ts';
import { fieldOf, readStaged, rowsOfStaged, withFields } from './staged-rows.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Rows between two looks at whether the work is still wanted: less than a second's at the rate of argon2id. */
const ROWS_AT_ONCE = 16;
/** Whoever takes over after a kill begins within 5 s. */
const LEASE_SECONDS = 4;

/** Takes the next batch that nobody wraps and wraps its weak hashes in argon2id. False: there is none to take. */
export async function wrapNextBatch(
  deps: WorkDependencies,
  wanted: { readonly runId: string; readonly part?: number | undefined },
  check: () => Promise<void> | void,
): Promise<boolean> {
  const taken = await takeBatch(deps.db, wanted);
  if (!taken) return false;
  try {
    await wrapTaken(deps, taken, check);
  } catch (error) {
    if (error instanceof HaltedError) await giveBack(deps.db, taken);
    throw error;
  }
  return true;
}

async function wrapTaken(deps: WorkDependencies, taken: TakenBatch, check: () => Promise<void> | void): Promise<void> {
  const staged = await readStaged(deps.db, taken.place);
  if (!staged) throw new HaltedError();
  const rows = rowsOfStaged(staged);
  const keys = await readBatchKeys(deps.db, taken.place);
  const weak = new Set(linesOf(taken.weakLines));
  const places = keys.flatMap(({ line }, at) => (weak.has(line) ? [at] : []));
  const wrapped = [...rows];
  for (let from = 0; from < places.length; from += ROWS_AT_ONCE) {
    await check();
    await renew(deps.db, taken);
    const some = places.slice(from, from + ROWS_AT_ONCE);
    await Promise.all(some.map(async (at) => void (wrapped[at] = await wrapRow(deps, needRow(rows, at)))));
  }
  await deps.db.transaction((tx) => finish(tx, taken, { staged: copyOf(wrapped), at: deps.now() }));
}

/** Whoever goes on need not wait for the lease to run out. */
const giveBack = (queryable: Queryable, { place: { runId, part, batch }, wrapNo }: TakenBatch) =>
  queryable.query({
    text: `UPDATE run_batches SET wrap_until = NULL WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrap_no = $4`,
    values: [runId, part, batch, wrapNo],
  });

function needRow(rows: readonly CopiedRow[], at: number): CopiedRow {
  const row = rows[at];
  if (!row) throw new Error('a batch has more keys than rows');
  return row;
}

interface TakenBatch {
  readonly place: BatchPlace;
  readonly wrapNo: number;
  readonly weakLines: readonly LineRange[];
}

interface TakenRow extends Record<string, unknown> {
  part: number;
  batch: number;
  wrap_no: number;
  weak_lines: readonly LineRange[];
}

async function takeBatch(
  queryable: Queryable,
  { runId, part }: { readonly runId: string; readonly part?: number | undefined },
): Promise<TakenBatch | undefined> {
  const [row] = await queryable.query<TakenRow>({
    text: `UPDATE run_batches AS b SET wrap_no = wrap_no + 1, wrap_until = now() + make_interval(secs => $3)
           FROM (SELECT part, batch FROM run_batches
                 WHERE run_id = $1 AND ($2::smallint IS NULL OR part = $2) AND weak > 0 AND wrapped_at IS NULL
                   AND (wrap_until IS NULL OR wrap_until < now())
                 ORDER BY part, batch LIMIT 1) AS free
           WHERE b.run_id = $1 AND b.part = free.part AND b.batch = free.batch
             AND b.wrapped_at IS NULL AND (b.wrap_until IS NULL OR b.wrap_until < now())
           RETURNING b.part, b.batch, b.wrap_no, b.weak_lines`,
    values: [runId, part ?? null, LEASE_SECONDS],
  });
  return row && { place: { runId, part: row.part, batch: row.batch }, wrapNo: row.wrap_no, weakLines: row.weak_lines };
}

async function wrapRow({ keyRing, passwordWork }: WorkDependencies, row: CopiedRow): Promise<CopiedRow> {
  const legacyKey = fieldOf(row, 'legacy_key');
  const dataKey = fieldOf(row, 'data_key');
  const scheme = fieldOf(row, 'scheme').toString();
  if (!isLegacyScheme(scheme)) throw new Error(`a staged row has the scheme ${scheme}`);
  const encoded = openVerifier(keyRing, legacyKey, { dataKey, verifierSealed: fieldOf(row, 'verifier_sealed') });
  const hash = await inItsTurn(() => wrapWeak(passwordWork, { scheme, encoded, cost: 0, weak: true }));
  const verifier = sealVerifier(keyRing, legacyKey, dataKey, hash.encoded);
  return withFields(row, { verifier_sealed: verifier, scheme: Buffer.from(hash.scheme) });
}

/** @throws HaltedError when somebody else has taken the batch over, or the run was paused or stopped. */
async function renew(queryable: Queryable, { place, wrapNo }: TakenBatch): Promise<void> {
  const held = await queryable.query({
    text: `UPDATE run_batches SET wrap_until = now() + make_interval(secs => $5)
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrap_no = $4
             AND EXISTS (SELECT 1 FROM runs WHERE run_id = $1 AND state = 'running' AND paused_at IS NULL) RETURNING 1`,
    values: [place.runId, place.part, place.batch, wrapNo, LEASE_SECONDS],
  });
  if (held.length === 0) throw new HaltedError();
}

async function finish(
  tx: Transaction,
  { place, wrapNo }: TakenBatch,
  { staged, at }: { readonly staged: Buffer; readonly at: Date },
): Promise<void> {
  await needState(tx, place.runId, 'running');
  const finished = await tx.query({
    text: `UPDATE run_batches SET staged = $5, wrapped_at = $6, wrap_until = NULL
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrap_no = $4 AND wrapped_at IS NULL RETURNING 1`,
    values: [place.runId, place.part, place.batch, wrapNo, staged, at],
  });
  if (finished.length === 0) throw new HaltedError();
}

/** Weak hashes of the staged batches, and how many of them are wrapped; to the batch. */
export async function countWrapped(
  queryable: Queryable,
  runId: string,
  part: number,
): Promise<{ readonly total: number; readonly done: number }> {
  const [row] = await queryable.query<{ total: number; done: number }>({
    text: `SELECT coalesce(sum(weak), 0)::int AS total,
                  coalesce(sum(weak) FILTER (WHERE wrapped_at IS NOT NULL), 0)::int AS done
           FROM run_batches WHERE run_id = $1 AND part = $2`,
    values: [runId, part],
  });
  return row ?? { total: 0, done: 0 };
}
