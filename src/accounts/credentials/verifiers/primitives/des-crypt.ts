import { repeat } from './repeat.ts';

// DES as crypt(3) bends it: the salt swaps halves of the expansion, so no library's DES will do. FIPS 46-3's tables.
const IP = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24,
  16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31,
  23, 15, 7,
];
const FP = [
  40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21,
  61, 29, 36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49,
  17, 57, 25,
];
const E = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21, 22,
  23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];
const P = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];
const PC1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
  47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const PC2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
  40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/** The eight S-boxes, each four rows of sixteen hex digits. */
const S = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
].map((box) => Array.from(box, (digit) => parseInt(digit, 16)));

type Bits = Uint8Array;

const pick = (bits: Bits, table: readonly number[]): Bits => Uint8Array.from(table, (from) => bits[from - 1] ?? 0);

function bitsOf(bytes: Uint8Array): Bits {
  return Uint8Array.from({ length: 64 }, (_, index) => ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1);
}

function bytesOf(bits: Bits): Buffer {
  return Buffer.from(
    Array.from({ length: 8 }, (_, index) =>
      bits.subarray(index * 8, index * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0),
    ),
  );
}

function keySchedule(key: Uint8Array): readonly Bits[] {
  const chosen = pick(bitsOf(key), PC1);
  let left = chosen.subarray(0, 28);
  let right = chosen.subarray(28);
  const turn = (half: Bits, by: number): Bits => Uint8Array.from([...half.subarray(by), ...half.subarray(0, by)]);
  return SHIFTS.map((by) => {
    left = turn(left, by);
    right = turn(right, by);
    return pick(Uint8Array.from([...left, ...right]), PC2);
  });
}

/** The expansion with its halves swapped where the salt has a bit. */
function saltedExpansion(salt: number): readonly number[] {
  return E.map((from, index) => ((salt >> (index % 24)) & 1 ? (E[(index + 24) % 48] ?? 0) : from) - 1);
}

const BOXED = new Uint8Array(32);

/** right := left xor f(right); left := old right. In place. */
function round(left: Bits, right: Bits, key: Bits, expansion: readonly number[]): void {
  for (let box = 0; box < 8; box += 1) {
    const at = box * 6;
    const bit = (index: number): number => (right[expansion[at + index] ?? 0] ?? 0) ^ (key[at + index] ?? 0);
    const row = bit(0) * 2 + bit(5);
    const column = bit(1) * 8 + bit(2) * 4 + bit(3) * 2 + bit(4);
    const value = S[box]?.[row * 16 + column] ?? 0;
    for (let index = 0; index < 4; index += 1) BOXED[box * 4 + index] = (value >> (3 - index)) & 1;
  }
  for (let index = 0; index < 32; index += 1) {
    const old = right[index] ?? 0;
    right[index] = (left[index] ?? 0) ^ (BOXED[(P[index] ?? 1) - 1] ?? 0);
    left[index] = old;
  }
}

export interface SaltedDes {
  readonly key: Uint8Array;
  readonly salt: number;
  readonly passes: number;
}

const PASSES_OF_A_STEP = 25;

/** The same, with the event loop given back on the way: what one step writes, the next reads. */
export async function saltedDesInSteps(block: Uint8Array, { passes, ...rest }: SaltedDes): Promise<Buffer> {
  let last = saltedDes(block, { ...rest, passes: passes % PASSES_OF_A_STEP });
  await repeat(Math.floor(passes / PASSES_OF_A_STEP), () => {
    last = saltedDes(last, { ...rest, passes: PASSES_OF_A_STEP });
  });
  return last;
}

/** Encrypts a block again and again: crypt(3)'s core. One pass is 16 rounds. */
export function saltedDes(block: Uint8Array, { key, salt, passes }: SaltedDes): Buffer {
  const keys = keySchedule(key);
  const expansion = saltedExpansion(salt);
  const start = pick(bitsOf(block), IP);
  let left: Bits = start.slice(0, 32);
  let right: Bits = start.slice(32);
  for (let pass = 0; pass < passes; pass += 1) {
    for (const roundKey of keys) round(left, right, roundKey, expansion);
    [left, right] = [right, left];
  }
  return bytesOf(pick(Uint8Array.from([...left, ...right]), FP));
}
