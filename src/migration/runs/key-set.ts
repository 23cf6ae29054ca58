import { type KeyTable, createKeyFile } from './key-file.ts';

/** Hashes of 64 bits, so that duplicates are found in files of any length: beyond some millions they go to disk. */
export interface KeySet {
  has(high: number, low: number): boolean;
  add(high: number, low: number): void;
  close(): void;
}

/** 16 MiB, two of them in an import. */
const MAX_IN_MEMORY = 1 << 21;

export function createKeySet(maxInMemory = MAX_IN_MEMORY): KeySet {
  let memory: MemoryTable | undefined = createKeyTable();
  let table: KeyTable = memory;
  return {
    has: (high, low) => table.has(high, filled(low)),
    add(high, low) {
      table.add(high, filled(low));
      if (!memory || memory.size() * 4 < maxInMemory * 3) return;
      const file = createKeyFile();
      memory.forEach((one, other) => void file.add(one, other));
      memory = undefined;
      table = file;
    },
    close: () => table.close(),
  };
}

/** Never 0: so an empty place is told from a key. */
const filled = (low: number): number => (low | 1) >>> 0;

interface MemoryTable extends KeyTable {
  size(): number;
  forEach(visit: (high: number, low: number) => void): void;
}

function createKeyTable(): MemoryTable {
  let capacity = 1 << 12;
  let table = new Uint32Array(capacity * 2);
  let size = 0;

  const forEach = (visit: (high: number, low: number) => void): void => {
    for (let at = 0; at < table.length; at += 2) {
      const low = table[at + 1] ?? 0;
      if (low !== 0) visit(table[at] ?? 0, low);
    }
  };

  return {
    size: () => size,
    forEach,
    has: (high, low) => table[find(table, high, low) + 1] !== 0,
    add(high, low) {
      if (size * 4 > capacity * 3) {
        capacity *= 2;
        const larger = new Uint32Array(capacity * 2);
        forEach((one, other) => void put(larger, one, other));
        table = larger;
      }
      const isNew = put(table, high, low);
      if (isNew) size += 1;
      return isNew;
    },
    close() {
      table = new Uint32Array(2);
    },
  };
}

function put(into: Uint32Array, high: number, low: number): boolean {
  const place = find(into, high, low);
  if (into[place + 1] !== 0) return false;
  into[place] = high;
  into[place + 1] = low;
  return true;
}

/** The place of a key, or the free place where it belongs. */
function find(into: Uint32Array, high: number, low: number): number {
  const mask = into.length / 2 - 1;
  for (let slot = (low >>> 1) & mask; ; slot = (slot + 1) & mask) {
    const a = into[slot * 2];
    const b = into[slot * 2 + 1];
    if (b === 0 || (a === high && b === low)) return slot * 2;
  }
}
