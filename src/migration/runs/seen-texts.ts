import { randomBytes } from 'node:crypto';
import { createKeySet } from './key-set.ts';

/** The texts that a file has shown so far in one of its columns, 8 bytes each. */
export interface SeenTexts {
  has(text: string): boolean;
  add(text: string): void;
  close(): void;
}

/**
 * Kept as HalfSipHash-2-4 under a key of this process, so nobody can write a file in which two different ids collide, and by
 * chance it takes about 10^9 rows. The keyed hashes by which rows are found are only made where rows are stored.
 */
export function createSeenTexts(key: Buffer = randomBytes(8), maxInMemory?: number): SeenTexts {
  const set = createKeySet(maxInMemory);
  const hash = createTextHash(key);
  return {
    has(text) {
      hash.take(text);
      return set.has(hash.high(), hash.low());
    },
    add(text) {
      hash.take(text);
      set.add(hash.high(), hash.low());
    },
    close: () => set.close(),
  };
}

/** @see https://github.com/veorq/SipHash, 64 bits of output; words are pairs of UTF-16 units. */
function createTextHash(key: Buffer) {
  const [k0, k1] = [key.readInt32LE(0), key.readInt32LE(4)];
  let [v0, v1, v2, v3] = [0, 0, 0, 0];
  let high = 0;
  const rounds = (times: number): void => {
    for (let round = 0; round < times; round += 1) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
  };
  const word = (value: number): void => {
    v3 ^= value;
    rounds(2);
    v0 ^= value;
  };
  return {
    take(text: string): void {
      v0 = k0;
      v1 = k1 ^ 0xee;
      v2 = 0x6c796765 ^ k0;
      v3 = 0x74656462 ^ k1;
      const even = text.length & ~1;
      for (let at = 0; at < even; at += 2) word(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
      // The length makes texts differ that a zero unit would not.
      word((text.length << 16) | (even < text.length ? text.charCodeAt(even) : 0));
      v2 ^= 0xee;
      rounds(4);
      high = v1 ^ v3;
      v1 ^= 0xdd;
      rounds(4);
    },
    high: () => high >>> 0,
    low: () => (v1 ^ v3) >>> 0,
  };
}
