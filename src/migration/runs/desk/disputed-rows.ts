import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { openPersonal } from '../../ledger/seal-legacy-row.ts';
import { mask, maskEmail } from './mask.ts';
import { recordRun } from './move-run.ts';
import type { DisputedRow, RunMeta } from './run-types.ts';

interface Row extends Record<string, unknown> {
  run_id: string;
  source: string;
  line: number;
  code: string;
  legacy_key: Buffer;
  applied_at: Date;
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

/**
 * Rows that no import may decide about and that nobody has proved yet. Masked; each look is on record with its reason. Only
 * their owners settle them, by proving (E9): there is nothing here that an operator could do in their place.
 */
export async function disputedRows(
  { db, keyRing, now }: { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date },
  { source, limit, meta, reason }: DisputedAsked,
): Promise<readonly DisputedRow[]> {
  const rows = await db.query<Row>({
    text: `SELECT o.run_id, p.source, o.line, o.code, o.legacy_key, b.applied_at
           FROM run_outcomes AS o JOIN run_parts AS p USING (run_id, part) JOIN run_batches AS b USING (run_id, part, batch)
           WHERE o.pass = 'run' AND o.outcome = 'needs-proof' AND o.undone IS NULL AND ($1::text IS NULL OR p.source = $1)
           ORDER BY o.run_id DESC, o.part, o.batch, o.line LIMIT $2`,
    values: [source ?? null, Math.min(limit, MAX_LIMIT)],
  });
  const open = await openRows(db, rows);
  const shown = rows.flatMap((row) => {
    const there = open.get(row.legacy_key.toString('hex'));
    return there ? [maskedRow(keyRing, row, there)] : [];
  });
  const runs = new Set(shown.map(({ runId }) => runId));
  await db.transaction(async (tx) => {
    const detail = { rows: shown.length, reason: reason.slice(0, 200), ...(source !== undefined && { source }) };
    for (const runId of runs) await recordRun(tx, 'run.rows-looked-at', runId, { at: now(), meta, detail });
  });
  return shown;
}

/** Those that nobody has taken over since. */
async function openRows(db: Database, rows: readonly Row[]): Promise<ReadonlyMap<string, LedgerRow>> {
  const found = await db.query<LedgerRow>({
    text: `SELECT legacy_key, data_key, personal_sealed FROM legacy_accounts
           WHERE legacy_key = ANY($1::bytea[]) AND state IN ('waiting', 'refused', 'released')`,
    values: [rows.map((row) => row.legacy_key)],
  });
  return new Map(found.map((row) => [row.legacy_key.toString('hex'), row]));
}

function maskedRow(keyRing: KeyRing, row: Row, there: LedgerRow): DisputedRow {
  const sealed = { dataKey: there.data_key, personalSealed: there.personal_sealed };
  const { id, email, name } = openPersonal(keyRing, row.legacy_key, sealed);
  return {
    runId: row.run_id,
    source: row.source,
    line: row.line,
    code: row.code,
    id: mask(id),
    email: email === undefined ? undefined : maskEmail(email),
    name: name === undefined ? undefined : mask(name),
    since: row.applied_at,
  };
}
