import { randomBytes } from 'node:crypto';
import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import { createCopyWriter, uuidBytes } from '../../../platform/postgres/copy-binary.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { sealLegacyRows, type SealedLegacyRow } from '../../ledger/seal-legacy-row.ts';
import type { LocatedRow, RowKeys } from '../plan-batch.ts';

/** Where a row stands in a run. A batch is staged once, applied once and undone once. */
export interface BatchPlace {
  readonly runId: string;
  readonly part: number;
  readonly batch: number;
}

/** What a row is matched by. */
export interface StagedKeys {
  readonly line: number;
  readonly legacyKey: Buffer;
  readonly loginKey: Buffer;
  readonly emailKey: Buffer | undefined;
  readonly digest: Buffer;
}

export interface StagedRow extends StagedKeys, SealedLegacyRow {
  readonly status: 'active' | 'disabled' | 'refused';
  readonly scheme: string | undefined;
  readonly cost: number | undefined;
  /** Its hash is a bare weak digest still: sealed here, and never in the ledger. */
  readonly weak: boolean;
}

export interface Sealing {
  readonly keyRing: KeyRing;
  readonly keys: RowKeys;
  readonly emailKeyOf: (address: string) => Buffer;
}

const DATA_KEY_BYTES = 32;

/** Rows as they will stand in the ledger. */
export function sealForStaging({ keyRing, keys, emailKeyOf }: Sealing, rows: readonly LocatedRow[]): StagedRow[] {
  const random = randomBytes(DATA_KEY_BYTES * rows.length);
  const keyed = rows.map((row) => keys.digested(row));
  const sealed = sealLegacyRows(
    keyRing,
    keyed.map(({ legacyKey, personal, row }, at) => ({
      legacyKey,
      personal,
      verifier: row.hash?.encoded,
      dataKey: random.subarray(at * DATA_KEY_BYTES, (at + 1) * DATA_KEY_BYTES),
    })),
  );
  return keyed.map(({ line, legacyKey, loginKey, digest, row }, at) => ({
    line,
    legacyKey,
    loginKey,
    emailKey: row.personal.email === undefined ? undefined : emailKeyOf(row.personal.email),
    digest,
    status: row.status,
    scheme: row.hash?.scheme,
    cost: row.hash?.cost,
    weak: row.hash?.weak === true,
    ...(sealed[at] ?? { dataKey: Buffer.alloc(0), personalSealed: Buffer.alloc(0), verifierSealed: undefined }),
  }));
}

const COLUMNS = `run_id, part, batch, line, legacy_key, login_key, email_key, row_digest, source_status, data_key,
                 personal_sealed, verifier_sealed, scheme, cost, weak`;

export async function copyStaged(tx: Transaction, place: BatchPlace, rows: readonly StagedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const run = uuidBytes(place.runId);
  const copy = createCopyWriter();
  for (const row of rows) {
    copy.row(15).bytes(run).int2(place.part).int4(place.batch).int8(row.line);
    copy.bytes(row.legacyKey).bytes(row.loginKey).bytes(row.emailKey).bytes(row.digest).text(row.status);
    copy.bytes(row.dataKey).bytes(row.personalSealed).bytes(row.verifierSealed);
    copy
      .text(row.scheme)
      .int4(row.cost ?? null)
      .bool(row.weak);
  }
  await tx.copyIn(`COPY run_staged (${COLUMNS}) FROM STDIN (FORMAT binary)`, copy.end());
}

interface KeysRow extends Record<string, unknown> {
  line: number;
  legacy_key: Buffer;
  login_key: Buffer;
  email_key: Buffer | null;
  row_digest: Buffer;
}

export async function readStagedKeys(queryable: Queryable, { runId, part, batch }: BatchPlace): Promise<StagedKeys[]> {
  const rows = await queryable.query<KeysRow>({
    name: 'run-staged-keys',
    text: `SELECT line, legacy_key, login_key, email_key, row_digest FROM run_staged
           WHERE run_id = $1 AND part = $2 AND batch = $3 ORDER BY line`,
    values: [runId, part, batch],
  });
  return rows.map((row) => ({
    line: row.line,
    legacyKey: row.legacy_key,
    loginKey: row.login_key,
    emailKey: row.email_key ?? undefined,
    digest: row.row_digest,
  }));
}
