import { repeat } from '../repeat.ts';

/** Rows of memory, and how a row is mixed on. */
export interface Memory {
  readonly rows: Int32Array;
  readonly mix: (x: Int32Array) => void;
  /** The second pass writes back what it reads. */
  readonly rewrites: boolean;
}

/** The order in which vector instructions like the words of a block. */
export function shuffled(block: Int32Array): Int32Array {
  return block.map((_, index) => block[(index & ~15) + (((index & 15) * 5) % 16)] ?? 0);
}

export function unshuffled(block: Int32Array): Int32Array {
  const plain = new Int32Array(block.length);
  for (let index = 0; index < block.length; index += 1)
    plain[(index & ~15) + (((index & 15) * 5) % 16)] = block[index] ?? 0;
  return plain;
}

/** What names the row to read: the first word of the last 64 bytes. */
const named = (x: Int32Array): number => x[x.length - 16] ?? 0;

const floorPower = (value: number): number => 2 ** (31 - Math.clz32(value));

/** First pass: fills the rows one after the other, the later ones with a look back at the earlier. */
export async function fillRows(x: Int32Array, { rows, mix, rewrites }: Memory): Promise<void> {
  const words = x.length;
  await repeat(rows.length / words, (index) => {
    rows.set(x, index * words);
    if (rewrites && index > 1) {
      const window = floorPower(index);
      xorRow(x, rows, ((named(x) & (window - 1)) + index - window) * words);
    }
    mix(x);
  });
}

/** Second pass: reads rows as the state says. */
export async function readRows(x: Int32Array, times: number, { rows, mix, rewrites }: Memory): Promise<void> {
  const words = x.length;
  const mask = floorPower(rows.length / words) - 1;
  await repeat(times, () => {
    const at = (named(x) & mask) * words;
    xorRow(x, rows, at);
    if (rewrites) rows.set(x, at);
    mix(x);
  });
}

function xorRow(x: Int32Array, rows: Int32Array, at: number): void {
  for (let index = 0; index < x.length; index += 1) x[index] = (x[index] ?? 0) ^ (rows[at + index] ?? 0);
}
