/** RFC 1321's constants: the sine of each step. */
const SINES = Int32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));
const TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;

function mixed(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

/** Which word of the block each step of a round takes. */
const STRIDES = [
  [1, 0],
  [5, 1],
  [3, 5],
  [7, 0],
] as const;

/** MD5's state after one block and no end: what some keep of a key so that they need not keep the key. */
export function md5StateAfter(block: Buffer): Buffer {
  let [a, b, c, d] = START as readonly [number, number, number, number];
  for (let step = 0; step < 64; step += 1) {
    const round = step >> 4;
    const [stride, from] = STRIDES[round] ?? STRIDES[0];
    const word = block.readInt32LE(((step * stride + from) & 15) * 4);
    const sum = (a + mixed(round, b, c, d) + (SINES[step] ?? 0) + word) | 0;
    const turn = TURNS[round * 4 + (step & 3)] ?? 0;
    [a, b, c, d] = [d, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0, b, c];
  }
  const state = Buffer.alloc(16);
  for (const [index, word] of [a, b, c, d].entries()) state.writeInt32LE((word + (START[index] ?? 0)) | 0, index * 4);
  return state;
}
