/**
 * The keys that a file has shown so far, 8 bytes each, so that duplicates are found in files of millions of rows within
 * bounded memory. Keys are HMACs: nobody without the look-up key can make two that collide, and by chance it takes
 * about 10^9 rows.
 */
export interface KeySet {
  has(key: Buffer): boolean;
  add(key: Buffer): void;
}

export function createKeySet(): KeySet {
  let capacity = 1 << 12;
  let table = new Uint32Array(capacity * 2);
  let size = 0;

  const grow = (): void => {
    const old = table;
    capacity *= 2;
    table = new Uint32Array(capacity * 2);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] ?? 0;
      const low = old[at + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const place = find(table, high, low);
      table[place] = high;
      table[place + 1] = low;
    }
  };

  return {
    has(key) {
      const place = find(table, key.readUInt32LE(0), (key.readUInt32LE(4) | 1) >>> 0);
      return table[place] !== 0 || table[place + 1] !== 0;
    },
    add(key) {
      if (size * 4 > capacity * 3) grow();
      const high = key.readUInt32LE(0);
      const low = (key.readUInt32LE(4) | 1) >>> 0;
      const place = find(table, high, low);
      if (table[place] === 0 && table[place + 1] === 0) size += 1;
      table[place] = high;
      table[place + 1] = low;
    },
  };
}

/** The place of a key, or the free place where it belongs. */
function find(into: Uint32Array, high: number, low: number): number {
  const mask = into.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const a = into[slot * 2];
    const b = into[slot * 2 + 1];
    if ((a === 0 && b === 0) || (a === high && b === low)) return slot * 2;
  }
}
