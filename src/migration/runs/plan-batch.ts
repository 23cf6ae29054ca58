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

export function createRowKeys(keyRing: KeyRing, definition: SourceDefinition) {
  const { source } = definition;
  const { identifier, scheme, subjects } = definition;
  const reading = JSON.stringify([source, identifier.normalise, scheme, subjects]);
  return (line: number, row: GoodRow): KeyedRow => ({
    line,
    row,
    legacyKey: legacyKeyOf(keyRing, source, row.personal.id),
    loginKey: loginKeyOf(keyRing, source, row.personal.login),
    digest: keyRing.lookupKey('legacy-row', reading, JSON.stringify([row.personal, row.verifier, row.status])),
  });
}

// Sealing is the dear part. Giving way now and then lets the batch before this one go on with its statements.
const ROWS_AT_A_TIME = 50;

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
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await nextTurn();
    const known = existing.get(row.legacyKey.toString('base64url'));
    if (!known) inserts.push({ ...row, ...seal(keyRing, row) });
    else if (known.row_digest.equals(row.digest)) unchanged += 1;
    else if (known.state !== 'waiting') kept += 1;
    else {
      const { login } = openPersonal(keyRing, row.legacyKey, {
        dataKey: known.data_key,
        personalSealed: known.personal_sealed,
      });
      const oldLoginKey = loginKeyOf(keyRing, source, login);
      changes.push({ ...row, ...seal(keyRing, row), seenDigest: known.row_digest, oldLoginKey });
    }
  }
  return { inserts, changes, unchanged, kept };
}

const seal = (keyRing: KeyRing, { legacyKey, row }: KeyedRow): SealedLegacyRow =>
  sealLegacyRow(keyRing, legacyKey, { personal: row.personal, verifier: row.verifier });

async function readExisting(db: Database, rows: readonly KeyedRow[]): Promise<Map<string, ExistingRow>> {
  const found = await db.query<ExistingRow>({
    name: 'import-read-existing',
    text: `SELECT legacy_key, state, row_digest, data_key, personal_sealed
           FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[])`,
    values: [rows.map((row) => row.legacyKey)],
  });
  return new Map(found.map((row) => [row.legacy_key.toString('base64url'), row]));
}
