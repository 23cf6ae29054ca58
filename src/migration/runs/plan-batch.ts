import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { GoodLegacyHash, LegacyScheme } from '../../accounts/index.ts';
import { legacyKeyOf, loginKeyOf } from '../ledger/legacy-keys.ts';
import { type SealedLegacyRow, openPersonal, createRowSealer } from '../ledger/seal-legacy-row.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import type { GoodRow } from './judge-row.ts';
import type { RawRow } from './reading/row-reader.ts';
import type { RowWrapper } from './wrap-rows.ts';

/** A good row as it came. */
export interface SortedRow {
  readonly line: number;
  readonly raw: RawRow;
  readonly row: GoodRow;
}

export interface KeyedRow extends SortedRow {
  readonly legacyKey: Buffer;
  readonly loginKey: Buffer;
  /** The personal part as JSON, as it is digested and sealed. */
  readonly personal: string;
  /** Keyed hash of the row as the file has it and of how its source is read: equal means that there is nothing to do. */
  readonly digest: Buffer;
}

export interface SealedRow extends KeyedRow, SealedLegacyRow {
  /** Of what is stored. */
  readonly scheme: LegacyScheme | undefined;
}

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
  scheme: string | null;
}

export type RowKeys = (row: SortedRow) => KeyedRow;

export function createRowKeys(keyRing: KeyRing, definition: SourceDefinition): RowKeys {
  const { source, identifier, scheme, subjects } = definition;
  const reading = JSON.stringify([source, identifier.normalise, scheme, subjects]);
  return (sorted) => {
    const { personal: parts, hash, status } = sorted.row;
    const personal = JSON.stringify(parts);
    return {
      line: sorted.line,
      raw: sorted.raw,
      row: sorted.row,
      legacyKey: legacyKeyOf(keyRing, source, parts.id),
      loginKey: loginKeyOf(keyRing, source, parts.login),
      personal,
      digest: keyRing.lookupKey('legacy-row', reading, personal, hash?.encoded ?? '', status),
    };
  };
}

// Sealing is the dear part. Giving way now and then lets the batch before this one go on with its statements.
const ROWS_AT_A_TIME = 50;

export interface Planning {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly wrapper: RowWrapper;
}

/** Finds out what a batch would change, wraps what is weak of it and seals what must be written. Writes nothing. */
export async function planBatch(planning: Planning, source: string, rows: readonly KeyedRow[]): Promise<BatchPlan> {
  const { keyRing } = planning;
  const existing = await readExisting(planning.db, rows);
  const seen = rows.map((row) => ({ row, known: existing.get(row.legacyKey.toString('latin1')) }));
  const outcomes = Map.groupBy(seen, outcomeOf);
  const writable = [...(outcomes.get('insert') ?? []), ...(outcomes.get('change') ?? [])];
  const hashes = await planning.wrapper.wrap(writable.map(({ row }) => row.row));
  const sealed = await sealRows(keyRing, writable, hashes);
  const inserts: SealedRow[] = [];
  const changes: RowChange[] = [];
  for (const { row, known } of sealed) {
    if (!known) inserts.push(row);
    else
      changes.push({ ...row, seenDigest: known.row_digest, oldLoginKey: oldLoginKeyOf(keyRing, source, row, known) });
  }
  const count = (outcome: Outcome): number => outcomes.get(outcome)?.length ?? 0;
  return { inserts, changes, unchanged: count('unchanged'), kept: count('kept') };
}

type Outcome = 'insert' | 'change' | 'unchanged' | 'kept';

interface SeenRow {
  readonly row: KeyedRow;
  readonly known: ExistingRow | undefined;
}

function outcomeOf({ row, known }: SeenRow): Outcome {
  if (!known) return 'insert';
  if (known.row_digest.equals(row.digest) && !isBare(row, known)) return 'unchanged';
  return isUntouched(known.state) ? 'change' : 'kept';
}

/** From before weak hashes were wrapped: the file that brought it can mend it. */
const isBare = ({ row }: KeyedRow, { scheme, state }: ExistingRow): boolean =>
  row.hash?.weak === true && scheme !== 'wrapped' && isUntouched(state);

async function sealRows(
  keyRing: KeyRing,
  rows: readonly SeenRow[],
  hashes: ReadonlyMap<GoodRow, GoodLegacyHash>,
): Promise<readonly { readonly row: SealedRow; readonly known: ExistingRow | undefined }[]> {
  const sealed: { readonly row: SealedRow; readonly known: ExistingRow | undefined }[] = [];
  const seal = createRowSealer(keyRing);
  for (const [index, { row, known }] of rows.entries()) {
    if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await nextTurn();
    const hash = hashes.get(row.row);
    const open = { personal: row.personal, verifier: hash?.encoded };
    sealed.push({ row: { ...row, ...seal(row.legacyKey, open), scheme: hash?.scheme }, known });
  }
  return sealed;
}

function oldLoginKeyOf(keyRing: KeyRing, source: string, { legacyKey }: KeyedRow, known: ExistingRow): Buffer {
  const { data_key: dataKey, personal_sealed: personalSealed } = known;
  return loginKeyOf(keyRing, source, openPersonal(keyRing, legacyKey, { dataKey, personalSealed }).login);
}

/** Nobody has linked it: what its source says of it still counts. */
export const isUntouched = (state: string | undefined): boolean => state === 'waiting' || state === 'refused';

async function readExisting(db: Database, rows: readonly KeyedRow[]): Promise<Map<string, ExistingRow>> {
  const found = await db.query<ExistingRow>({
    name: 'import-read-existing',
    text: `SELECT legacy_key, state, row_digest, data_key, personal_sealed, scheme
           FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[])`,
    values: [rows.map((row) => row.legacyKey)],
  });
  return new Map(found.map((row) => [row.legacy_key.toString('latin1'), row]));
}
