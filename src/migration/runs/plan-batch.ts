import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { legacyKeyOf, loginKeyOf } from '../ledger/legacy-keys.ts';
import { type SealedLegacyRow, openPersonal, sealLegacyRow } from '../ledger/seal-legacy-row.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import type { GoodRow } from './judge-row.ts';

export interface KeyedRow {
  readonly line: number;
  readonly row: GoodRow;
  /** The personal part as JSON, as it is digested and sealed. */
  readonly personal: string;
  readonly legacyKey: Buffer;
  readonly loginKey: Buffer;
  /** Keyed hash of the row and of how its source is read: equal means that there is nothing to do. */
  readonly digest: Buffer;
}

export interface SealedRow extends KeyedRow, SealedLegacyRow {}

/** A row that is there already and that the file corrects; only if it is still what was seen. */
export interface RowChange extends SealedRow {
  readonly seenDigest: Buffer;
  readonly oldLoginKey: Buffer;
}

export interface BatchPlan {
  readonly inserts: readonly SealedRow[];
  readonly changes: readonly RowChange[];
  readonly unchanged: number;
  readonly kept: number;
}

interface ExistingRow extends Record<string, unknown> {
  legacy_key: Buffer;
  state: string;
  row_digest: Buffer;
  data_key: Buffer;
  personal_sealed: Buffer;
}

export function createRowKeys(
  keyRing: KeyRing,
  definition: SourceDefinition,
): (line: number, row: GoodRow) => KeyedRow {
  const { source, identifier, scheme, subjects } = definition;
  const reading = JSON.stringify([source, identifier.normalise, scheme, subjects]);
  return (line, row) => {
    const personal = JSON.stringify(row.personal);
    return {
      line,
      row,
      personal,
      legacyKey: legacyKeyOf(keyRing, source, row.personal.id),
      loginKey: loginKeyOf(keyRing, source, row.personal.login),
      digest: keyRing.lookupKey('legacy-row', reading, personal, row.verifier, row.status),
    };
  };
}

// Sealing is the dear part. Giving way now and then lets the batch before this one go on with its statements.
const ROWS_AT_A_TIME = 50;
const DATA_KEY_BYTES = 32;

/** Finds out what a batch would change and seals what must be written. Writes nothing. */
export async function planBatch(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  source: string,
  rows: readonly KeyedRow[],
): Promise<BatchPlan> {
  const existing = await readExisting(db, rows);
  const inserts: SealedRow[] = [];
  const changes: RowChange[] = [];
  let unchanged = 0;
  let kept = 0;
  // In one go for the whole batch: asking for 32 bytes each time costs more than sealing with them.
  const random = randomBytes(DATA_KEY_BYTES * rows.length);
  const seal = (row: KeyedRow, index: number): SealedLegacyRow => {
    const dataKey = random.subarray(index * DATA_KEY_BYTES, (index + 1) * DATA_KEY_BYTES);
    return sealLegacyRow(keyRing, row.legacyKey, { personal: row.personal, verifier: row.row.verifier, dataKey });
  };
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await nextTurn();
    const known = existing.get(row.legacyKey.toString('latin1'));
    if (!known) inserts.push({ ...row, ...seal(row, index) });
    else if (known.row_digest.equals(row.digest)) unchanged += 1;
    else if (!isUntouched(known.state)) kept += 1;
    else {
      const { login } = openPersonal(keyRing, row.legacyKey, {
        dataKey: known.data_key,
        personalSealed: known.personal_sealed,
      });
      const oldLoginKey = loginKeyOf(keyRing, source, login);
      changes.push({ ...row, ...seal(row, index), seenDigest: known.row_digest, oldLoginKey });
    }
  }
  return { inserts, changes, unchanged, kept };
}

/** Nobody has linked it: what its source says of it still counts. */
export const isUntouched = (state: string | undefined): boolean => state === 'waiting' || state === 'refused';

async function readExisting(db: Database, rows: readonly KeyedRow[]): Promise<Map<string, ExistingRow>> {
  const found = await db.query<ExistingRow>({
    name: 'import-read-existing',
    text: `SELECT legacy_key, state, row_digest, data_key, personal_sealed
           FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[])`,
    values: [rows.map((row) => row.legacyKey)],
  });
  return new Map(found.map((row) => [row.legacy_key.toString('latin1'), row]));
}
