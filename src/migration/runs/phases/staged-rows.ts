import {
  type CopiedRow,
  copiedRow,
  createCopyWriter,
  readCopy,
  uuidBytes,
} from '../../../platform/postgres/copy-binary.ts';
import type { Queryable } from '../../../platform/postgres/database.ts';
import type { SealedLegacyRow } from '../../ledger/seal-legacy-row.ts';
import type { KeyedRow } from '../plan-batch.ts';
import type { BatchPlace } from './batch-keys.ts';
import type { PartOfRun } from './part-of-run.ts';

/** What a staged row holds, in the order of its fields. */
export const LEDGER_COLUMNS = [
  'legacy_key',
  'source',
  'state',
  'source_status',
  'data_key',
  'personal_sealed',
  'verifier_sealed',
  'scheme',
  'row_digest',
  'import_id',
  'imported_at',
] as const;
type LedgerColumn = (typeof LEDGER_COLUMNS)[number];

export interface StagedWriter {
  add(row: KeyedRow, sealed: SealedLegacyRow): void;
  /** Good until the next batch but one begins. */
  all(): Buffer;
}

/** Rows of a part as they will stand in the ledger: in the form in which Postgres takes them fastest. */
export function createStagedWriter({ source, importId, plannedAt }: PartOfRun): StagedWriter {
  const copy = createCopyWriter();
  const id = uuidBytes(importId);
  return {
    add({ legacyKey, digest, row }, { dataKey, personalSealed, verifierSealed }) {
      const { status, hash } = row;
      copy
        .row(LEDGER_COLUMNS.length)
        .bytes(legacyKey)
        .text(source)
        .text(status === 'refused' ? 'refused' : 'waiting');
      copy
        .text(status === 'active' ? 'active' : 'disabled')
        .bytes(dataKey)
        .bytes(personalSealed)
        .bytes(verifierSealed);
      copy.text(hash?.scheme).bytes(digest).bytes(id).timestamp(plannedAt);
    },
    all: () => copy.end(),
  };
}

export async function readStaged(
  queryable: Queryable,
  { runId, part, batch }: BatchPlace,
): Promise<Buffer | undefined> {
  const [row] = await queryable.query<{ staged: Buffer | null }>({
    name: 'run-read-staged',
    text: 'SELECT staged FROM run_batches WHERE run_id = $1 AND part = $2 AND batch = $3',
    values: [runId, part, batch],
  });
  return row?.staged ?? undefined;
}

/** In the order of the file, as the keys of the batch are. */
export const rowsOfStaged = (staged: Buffer): readonly CopiedRow[] => readCopy(staged);

/** @throws Error for a field that must be there and is not. */
export function fieldOf(row: CopiedRow, column: LedgerColumn): Buffer {
  const field = optionalFieldOf(row, column);
  if (!field) throw new Error(`a staged row has no ${column}`);
  return field;
}

export const optionalFieldOf = ({ fields }: CopiedRow, column: LedgerColumn): Buffer | undefined =>
  fields[LEDGER_COLUMNS.indexOf(column)] ?? undefined;

export const withFields = (row: CopiedRow, changes: Partial<Record<LedgerColumn, Buffer>>): CopiedRow =>
  copiedRow(LEDGER_COLUMNS.map((column, at) => changes[column] ?? row.fields[at] ?? null));
