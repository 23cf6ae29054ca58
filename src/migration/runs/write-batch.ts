import type { Database, Queryable, Transaction } from '../../platform/postgres/database.ts';
import { appendAudit } from '../../audit/index.ts';
import { type BatchPlan, type RowChange, type SealedRow, isUntouched } from './plan-batch.ts';

export interface BatchWritten {
  readonly created: number;
  readonly changed: number;
  /** Rows whose user name another account of the source has. */
  readonly loginTaken: readonly SealedRow[];
}

/** The rows are not what they were when the batch was planned: plan it again. */
export class StaleBatchError extends Error {}

/** A governed run decides about the rows of the source from now on. */
export class HeldByRunError extends Error {
  readonly runId: string;
  constructor(runId: string) {
    super(`held by the run ${runId}`);
    this.runId = runId;
  }
}

export interface BatchTarget {
  readonly source: string;
  readonly importId: string;
  readonly actor: string;
  readonly now: Date;
  /** Written with the batch, so the record of an import that was killed is right to the last committed row. */
  readonly outcomeAfter: (written: BatchWritten) => unknown;
  readonly rehearse: boolean;
}

class RollBack extends Error {
  readonly written: BatchWritten;
  constructor(written: BatchWritten) {
    super('rehearsal');
    this.written = written;
  }
}

/** Writes a planned batch in one transaction: all of it, or nothing. A rehearsal rolls back. @throws StaleBatchError, HeldByRunError */
export async function writeBatch(db: Database, plan: BatchPlan, target: BatchTarget): Promise<BatchWritten> {
  try {
    return await db.transaction(async (tx) => {
      const runId = target.rehearse ? undefined : await holderOf(tx, target.source);
      if (runId !== undefined) throw new HeldByRunError(runId);
      const written = await write(tx, plan, target);
      if (target.rehearse) throw new RollBack(written);
      await tx.query({
        name: 'import-outcome',
        text: 'UPDATE imports SET outcome = outcome || $2::jsonb WHERE import_id = $1',
        values: [target.importId, JSON.stringify(target.outcomeAfter(written))],
      });
      await recordBatch(tx, target, written);
      return written;
    });
  } catch (error) {
    if (error instanceof RollBack) return error.written;
    throw error;
  }
}

/** The run that has a source, from its approval to its end. */
export async function holderOf(queryable: Queryable, source: string): Promise<string | undefined> {
  const [held] = await queryable.query<{ run_id: string }>({
    name: 'import-holder',
    text: 'SELECT run_id FROM source_runs WHERE source = $1',
    values: [source],
  });
  return held?.run_id;
}

/** One event for what a batch changed, with the batch (I7). Nothing changed: nothing to record. */
async function recordBatch(tx: Transaction, target: BatchTarget, { created, changed }: BatchWritten): Promise<void> {
  if (created + changed === 0) return;
  const { importId } = target;
  await appendAudit(tx, {
    chain: `source:${target.source}`,
    type: 'source.rows-imported',
    actor: target.actor,
    detail: { importId, created, changed },
    at: target.now,
  });
}

async function write(tx: Transaction, plan: BatchPlan, target: BatchTarget): Promise<BatchWritten> {
  await lockUnchangedSince(tx, plan.changes);
  const renamed = plan.changes.filter((row) => !row.loginKey.equals(row.oldLoginKey));
  const taken = await claimLogins(tx, [...plan.inserts, ...renamed], target.source);
  const isFree = (row: SealedRow): boolean => !taken.has(row);
  const inserts = taken.size === 0 ? plan.inserts : plan.inserts.filter(isFree);
  const changes = taken.size === 0 ? plan.changes : plan.changes.filter(isFree);
  await releaseLogins(tx, renamed.filter(isFree));
  await insertRows(tx, inserts, target);
  await changeRows(tx, changes, target);
  return { created: inserts.length, changed: changes.length, loginTaken: [...taken] };
}

/** Holds the rows to be changed. One that was adopted or changed meanwhile makes the whole plan stale (F21). */
async function lockUnchangedSince(tx: Transaction, changes: readonly RowChange[]): Promise<void> {
  if (changes.length === 0) return;
  const held = await tx.query<{ legacy_key: Buffer; row_digest: Buffer; state: string }>({
    name: 'import-lock',
    text: `SELECT legacy_key, row_digest, state FROM legacy_accounts
           WHERE legacy_key = ANY($1::bytea[]) ORDER BY legacy_key FOR UPDATE`,
    values: [changes.map((row) => row.legacyKey)],
  });
  const byKey = new Map(held.map((row) => [row.legacy_key.toString('base64url'), row]));
  for (const change of changes) {
    const row = byKey.get(change.legacyKey.toString('base64url'));
    if (!row || !isUntouched(row.state) || !row.row_digest.equals(change.seenDigest)) throw new StaleBatchError();
  }
}

async function claimLogins(tx: Transaction, rows: readonly SealedRow[], source: string): Promise<Set<SealedRow>> {
  if (rows.length === 0) return new Set();
  const claimed = await tx.query<{ login_key: Buffer }>({
    name: 'import-claim-logins',
    text: `INSERT INTO legacy_login_names (login_key, legacy_key, source)
           SELECT login_key, legacy_key, $3 FROM unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           ON CONFLICT (login_key) DO NOTHING RETURNING login_key`,
    values: [rows.map((row) => row.loginKey), rows.map((row) => row.legacyKey), source],
  });
  if (claimed.length === rows.length) return new Set();
  const holders = await tx.query<{ login_key: Buffer; legacy_key: Buffer }>({
    text: 'SELECT login_key, legacy_key FROM legacy_login_names WHERE login_key = ANY($1::bytea[])',
    values: [rows.map((row) => row.loginKey)],
  });
  const holding = new Map(holders.map((row) => [row.login_key.toString('base64url'), row.legacy_key]));
  return new Set(rows.filter((row) => !holding.get(row.loginKey.toString('base64url'))?.equals(row.legacyKey)));
}

async function releaseLogins(tx: Transaction, renamed: readonly RowChange[]): Promise<void> {
  if (renamed.length === 0) return;
  await tx.query({
    text: `DELETE FROM legacy_login_names AS l USING unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           WHERE l.login_key = t.login_key AND l.legacy_key = t.legacy_key`,
    values: [renamed.map((row) => row.oldLoginKey), renamed.map((row) => row.legacyKey)],
  });
}

async function insertRows(tx: Transaction, rows: readonly SealedRow[], target: BatchTarget): Promise<void> {
  if (rows.length === 0) return;
  const inserted = await tx.query<{ n: number }>({
    name: 'import-insert',
    text: `WITH inserted AS (
             INSERT INTO legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed,
                                          verifier_sealed, scheme, row_digest, import_id, imported_at)
             SELECT legacy_key, $8, CASE source_status WHEN 'refused' THEN 'refused' ELSE 'waiting' END,
                    CASE source_status WHEN 'active' THEN 'active' ELSE 'disabled' END, data_key, personal_sealed, verifier_sealed, scheme,
                    row_digest, $9, $10
             FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[])
               AS t (legacy_key, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest)
             ON CONFLICT (legacy_key) DO NOTHING RETURNING 1)
           SELECT count(*)::int AS n FROM inserted`,
    values: [...columns(rows), target.source, target.importId, target.now],
  });
  // Another import of the same source wrote one of them first: what it wrote decides what is left to do.
  if (inserted[0]?.n !== rows.length) throw new StaleBatchError();
}

async function changeRows(tx: Transaction, rows: readonly RowChange[], target: BatchTarget): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: 'import-change',
    text: `UPDATE legacy_accounts AS l
           SET state = CASE t.source_status WHEN 'refused' THEN 'refused' ELSE 'waiting' END,
               source_status = CASE t.source_status WHEN 'active' THEN 'active' ELSE 'disabled' END, data_key = t.data_key, personal_sealed = t.personal_sealed,
               verifier_sealed = t.verifier_sealed, scheme = t.scheme, row_digest = t.row_digest,
               import_id = $8, imported_at = $9
           FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[])
             AS t (legacy_key, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest)
           WHERE l.legacy_key = t.legacy_key AND l.state IN ('waiting', 'refused')`,
    values: [...columns(rows), target.importId, target.now],
  });
}

function columns(rows: readonly SealedRow[]): unknown[] {
  return [
    rows.map((row) => row.legacyKey),
    rows.map((row) => row.row.status),
    rows.map((row) => row.dataKey),
    rows.map((row) => row.personalSealed),
    rows.map((row) => row.verifierSealed ?? null),
    rows.map((row) => row.scheme ?? null),
    rows.map((row) => row.digest),
  ];
}
