/** yescrypt's flags 0xb6 fix these: six rounds, S-boxes of 4 KiB each. */
const ROUNDS = 6;
const SBOX_WORDS = 1024;
const SBOX_MASK = 4080;

/** Three S-boxes that change places after each block: two are read, the third is written anew. */
export interface Boxes {
  s0: Int32Array;
  s1: Int32Array;
  s2: Int32Array;
  /** Where the next word is written. */
  at: number;
}

/** The 12 KiB of the first, small scrypt, cut in three: what is written first is read last. */
export function cutBoxes(words: Int32Array): Boxes {
  const box = (index: number): Int32Array => words.subarray(index * SBOX_WORDS, (index + 1) * SBOX_WORDS);
  return { s0: box(2), s1: box(1), s2: box(0), at: 0 };
}

const word = (words: Int32Array, at: number): number => words[at] ?? 0;

/** High half of an unsigned product: numbers hold 53 bits, so it is put together of 16-bit halves. */
function highProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const left = Math.imul(aHigh, bLow);
  const right = Math.imul(aLow, bHigh);
  const middle = (Math.imul(aLow, bLow) >>> 16) + (left & 0xffff) + (right & 0xffff);
  return (Math.imul(aHigh, bHigh) + (left >>> 16) + (right >>> 16) + (middle >>> 16)) | 0;
}

/** One block of 64 bytes: each 64-bit lane is multiplied half by half, then added to and xored from the boxes. */
function pwxform(x: Int32Array, boxes: Boxes): void {
  const { s0, s1, s2 } = boxes;
  let { at } = boxes;
  for (let round = 0; round < ROUNDS; round += 1) {
    const writes = round !== 0 && round !== ROUNDS - 1;
    let [from0, from1] = [0, 0];
    for (let lane = 0; lane < 16; lane += 2) {
      const low = word(x, lane);
      const high = word(x, lane + 1);
      // Two lanes share a place in the boxes, which the first of them names.
      from0 = lane & 2 ? from0 + 2 : (low & SBOX_MASK) >> 2;
      from1 = lane & 2 ? from1 + 2 : (high & SBOX_MASK) >> 2;
      const product = Math.imul(low, high);
      const added = word(s0, from0);
      const sum = (product + added) | 0;
      const carry = ((product & added) | ((product | added) & ~sum)) >>> 31;
      const newLow = sum ^ word(s1, from1);
      const newHigh = (highProduct(low, high) + word(s0, from0 + 1) + carry) ^ word(s1, from1 + 1);
      x[lane] = newLow;
      x[lane + 1] = newHigh;
      if (!writes) continue;
      s2[at] = newLow;
      s2[at + 1] = newHigh;
      at += 2;
    }
  }
  boxes.s0 = s2;
  boxes.s1 = s0;
  boxes.s2 = s1;
  boxes.at = at & (SBOX_WORDS - 1);
}

const BLOCK = new Int32Array(16);

/** Each block of 64 bytes from the one before it, and a light Salsa20 over the last. In place. */
export function mixByBoxes(x: Int32Array, boxes: Boxes): void {
  const last = x.length - 16;
  for (let k = 0; k < 16; k += 1) BLOCK[k] = word(x, last + k);
  for (let at = 0; at <= last; at += 16) {
    for (let k = 0; k < 16; k += 1) BLOCK[k] = word(BLOCK, k) ^ word(x, at + k);
    pwxform(BLOCK, boxes);
    for (let k = 0; k < 16; k += 1) x[at + k] = word(BLOCK, k);
  }
  salsa(x, last, 2);
}

/** scrypt's mix of two blocks (r = 1). In place. */
export function mixBySalsa(x: Int32Array): void {
  for (let k = 0; k < 16; k += 1) x[k] = word(x, k) ^ word(x, 16 + k);
  salsa(x, 0, 8);
  for (let k = 0; k < 16; k += 1) x[16 + k] = word(x, k) ^ word(x, 16 + k);
  salsa(x, 16, 8);
}

/** The quarter rounds of Salsa20: down the columns, then along the rows. */
const QUARTERS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

const STATE = new Int32Array(16);

const turned = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** Salsa20 over 16 words that lie in the order of vector instructions: every fifth. */
function salsa(x: Int32Array, from: number, rounds: number): void {
  for (let k = 0; k < 16; k += 1) STATE[(k * 5) % 16] = word(x, from + k);
  for (let round = 0; round < rounds; round += 2)
    for (const [a, b, c, d] of QUARTERS) {
      STATE[b] = word(STATE, b) ^ turned(word(STATE, a) + word(STATE, d), 7);
      STATE[c] = word(STATE, c) ^ turned(word(STATE, b) + word(STATE, a), 9);
      STATE[d] = word(STATE, d) ^ turned(word(STATE, c) + word(STATE, b), 13);
      STATE[a] = word(STATE, a) ^ turned(word(STATE, d) + word(STATE, c), 18);
    }
  for (let k = 0; k < 16; k += 1) x[from + k] = word(x, from + k) + word(STATE, (k * 5) % 16);
}
