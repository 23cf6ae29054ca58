import { isLegacyScheme, wrapWeak } from '../../../accounts/index.ts';
import type { Queryable } from '../../../platform/postgres/database.ts';
import { openVerifier, sealVerifier } from '../../ledger/seal-legacy-row.ts';
import { inItsTurn } from '../wrap-rows.ts';
import { HaltedError } from './lease.ts';
import type { BatchPlace } from './batch-keys.ts';
import type { WorkDependencies } from './work-deps.ts';

interface WeakRow extends Record<string, unknown> {
  line: number;
  legacy_key: Buffer;
  data_key: Buffer;
  verifier_sealed: Buffer;
  scheme: string;
  cost: number;
}

/** Rows between two looks at whether the work is still wanted; some seconds at the rate of argon2id. */
const ROWS_AT_ONCE = 64;
const LEASE_SECONDS = 30;

/** Takes the next batch that nobody wraps and wraps its weak hashes in argon2id. False: there is none to take. */
export async function wrapNextBatch(
  deps: WorkDependencies,
  wanted: { readonly runId: string; readonly part?: number | undefined },
  check: () => void,
): Promise<boolean> {
  const taken = await takeBatch(deps.db, wanted);
  if (!taken) return false;
  for (;;) {
    check();
    const rows = await readWeak(deps.db, taken.place);
    if (rows.length === 0) break;
    const wrapped = await Promise.all(rows.map((row) => wrapRow(deps, row)));
    await writeWrapped(deps, taken, { rows, wrapped });
  }
  await deps.db.query({
    text: `UPDATE run_batches SET wrapped_at = $4, wrap_until = NULL
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrapped_at IS NULL`,
    values: [taken.place.runId, taken.place.part, taken.place.batch, deps.now()],
  });
  return true;
}

interface TakenBatch {
  readonly place: BatchPlace;
  readonly wrapNo: number;
}

async function takeBatch(
  queryable: Queryable,
  { runId, part }: { readonly runId: string; readonly part?: number | undefined },
): Promise<TakenBatch | undefined> {
  const [row] = await queryable.query<{ part: number; batch: number; wrap_no: number }>({
    text: `UPDATE run_batches AS b SET wrap_no = wrap_no + 1, wrap_until = now() + make_interval(secs => $3)
           FROM (SELECT part, batch FROM run_batches
                 WHERE run_id = $1 AND ($2::smallint IS NULL OR part = $2) AND weak > 0 AND wrapped_at IS NULL
                   AND (wrap_until IS NULL OR wrap_until < now())
                 ORDER BY part, batch LIMIT 1) AS free
           WHERE b.run_id = $1 AND b.part = free.part AND b.batch = free.batch
             AND b.wrapped_at IS NULL AND (b.wrap_until IS NULL OR b.wrap_until < now())
           RETURNING b.part, b.batch, b.wrap_no`,
    values: [runId, part ?? null, LEASE_SECONDS],
  });
  return row && { place: { runId, part: row.part, batch: row.batch }, wrapNo: row.wrap_no };
}

function readWeak(queryable: Queryable, { runId, part, batch }: BatchPlace): Promise<WeakRow[]> {
  return queryable.query<WeakRow>({
    text: `SELECT line, legacy_key, data_key, verifier_sealed, scheme, cost FROM run_staged
           WHERE run_id = $1 AND part = $2 AND batch = $3 AND weak ORDER BY line LIMIT $4`,
    values: [runId, part, batch, ROWS_AT_ONCE],
  });
}

interface Wrapped {
  readonly verifier: Buffer;
  readonly scheme: string;
}

async function wrapRow({ keyRing, passwordWork }: WorkDependencies, row: WeakRow): Promise<Wrapped> {
  const { legacy_key: legacyKey, data_key: dataKey, verifier_sealed: verifierSealed, scheme, cost } = row;
  if (!isLegacyScheme(scheme)) throw new Error(`a staged row has the scheme ${scheme}`);
  const encoded = openVerifier(keyRing, legacyKey, { dataKey, verifierSealed });
  const hash = await inItsTurn(() => wrapWeak(passwordWork, { scheme, encoded, cost, weak: true }));
  return { verifier: sealVerifier(keyRing, legacyKey, dataKey, hash.encoded), scheme: hash.scheme };
}

/** @throws HaltedError when somebody else has taken the batch over. */
async function writeWrapped(
  { db }: WorkDependencies,
  { place, wrapNo }: TakenBatch,
  { rows, wrapped }: { readonly rows: readonly WeakRow[]; readonly wrapped: readonly Wrapped[] },
): Promise<void> {
  const { runId, part, batch } = place;
  await db.transaction(async (tx) => {
    const held = await tx.query({
      text: `UPDATE run_batches SET wrap_until = now() + make_interval(secs => $5)
             WHERE run_id = $1 AND part = $2 AND batch = $3 AND wrap_no = $4 RETURNING 1`,
      values: [runId, part, batch, wrapNo, LEASE_SECONDS],
    });
    if (held.length === 0) throw new HaltedError();
    await tx.query({
      text: `UPDATE run_staged AS s SET verifier_sealed = t.verifier, scheme = t.scheme, weak = false
             FROM unnest($4::bigint[], $5::bytea[], $6::text[]) AS t (line, verifier, scheme)
             WHERE s.run_id = $1 AND s.part = $2 AND s.batch = $3 AND s.line = t.line`,
      values: [
        runId,
        part,
        batch,
        rows.map(({ line }) => line),
        wrapped.map(({ verifier }) => verifier),
        wrapped.map(({ scheme }) => scheme),
      ],
    });
  });
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
