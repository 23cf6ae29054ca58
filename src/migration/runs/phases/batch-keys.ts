import type { Queryable } from '../../../platform/postgres/database.ts';

/** Where a row stands in a run. A batch is staged once, applied once and undone once. */
export interface BatchPlace {
  readonly runId: string;
  readonly part: number;
  readonly batch: number;
}

/** What rows of a batch are found by in the ledger. */
export interface RowKeysOf {
  readonly line: number;
  readonly legacyKey: Buffer;
  readonly loginKey: Buffer;
}

const KEY_BYTES = 32;
const ROW_BYTES = 8 + 2 * KEY_BYTES;

export interface KeysWriter {
  add(row: RowKeysOf): void;
  all(): Buffer;
}

export function createKeysWriter(rows: number): KeysWriter {
  const bytes = Buffer.allocUnsafe(rows * ROW_BYTES);
  let at = 0;
  return {
    add({ line, legacyKey, loginKey }) {
      bytes.writeBigInt64BE(BigInt(line), at);
      legacyKey.copy(bytes, at + 8);
      loginKey.copy(bytes, at + 8 + KEY_BYTES);
      at += ROW_BYTES;
    },
    all: () => bytes.subarray(0, at),
  };
}

/** The keys of all good rows of a batch, in the order of the file. */
export async function readBatchKeys(queryable: Queryable, { runId, part, batch }: BatchPlace): Promise<RowKeysOf[]> {
  const [row] = await queryable.query<{ keys: Buffer }>({
    name: 'run-batch-keys',
    text: 'SELECT keys FROM run_batches WHERE run_id = $1 AND part = $2 AND batch = $3',
    values: [runId, part, batch],
  });
  return unpackKeys(row?.keys ?? Buffer.alloc(0));
}

export function keysOnLines(keys: readonly RowKeysOf[], lines: Iterable<number>): RowKeysOf[] {
  const wanted = new Set(lines);
  return keys.filter(({ line }) => wanted.has(line));
}

export function unpackKeys(bytes: Buffer): RowKeysOf[] {
  const rows: RowKeysOf[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const legacyKey = bytes.subarray(at + 8, at + 8 + KEY_BYTES);
    rows.push({
      line: Number(bytes.readBigInt64BE(at)),
      legacyKey,
      loginKey: bytes.subarray(at + 8 + KEY_BYTES, at + ROW_BYTES),
    });
  }
  return rows;
}
