import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { fillRows, readRows, shuffled, unshuffled } from './fill-memory.ts';
import { cutBoxes, mixByBoxes, mixBySalsa } from './mix-blocks.ts';

export interface Yescrypt {
  /** Rows of memory, a power of two; a row is 128·r bytes. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
  /** More time for the same memory. */
  readonly t: number;
}

const hmacSha256 = (key: string | Buffer, message: string | Buffer): Buffer =>
  createHmac('sha256', key).update(message).digest();

const pbkdf2Once = (password: Buffer, salt: Buffer, bytes: number): Buffer =>
  pbkdf2Sync(password, salt, 1, bytes, 'sha256');

/** Reads of the second pass: a third of the rows, and more with t. */
function readsOf({ n, t }: Yescrypt): number {
  const rows = t > 1 ? n * (t - 1) : Math.ceil((n * (t + 1)) / 3);
  return rows;
}

const even = (value: number): number => Math.ceil(value / 2) * 2;

/** Mixed rows, of r blocks of 128 bytes each: about 0.7 µs a block. */
export const yescryptCost = (parameters: Yescrypt): number =>
  parameters.r * (parameters.n + parameters.p * even(readsOf({ ...parameters, n: parameters.n / parameters.p })));

/** `$y$` as libxcrypt has it: 32 bytes. @see openwall.com/yescrypt, version 1.1 with flags 0xb6 */
export async function yescrypt(password: Buffer, salt: Buffer, parameters: Yescrypt): Promise<Buffer> {
  const { n, r, p } = parameters;
  const first =
    n / p >= 0x100 && (n / p) * r >= 0x20000
      ? await derive(hmacSha256('yescrypt-prehash', password), salt, { ...parameters, n: n / 64, t: 0 })
      : password;
  const key = await derive(hmacSha256('yescrypt', first), salt, parameters);
  return createHash('sha256').update(hmacSha256(key, 'Client Key')).digest();
}

async function derive(password: Buffer, salt: Buffer, parameters: Yescrypt): Promise<Buffer> {
  const bytes = pbkdf2Once(password, salt, 128 * parameters.r * parameters.p);
  const lanes = readWords(bytes);
  const secret = await mixLanes(lanes, bytes.subarray(0, 32), parameters);
  return pbkdf2Once(secret, writeWords(lanes), 32);
}

/** Mixes the lanes in place; gives the secret of the last PBKDF2. */
async function mixLanes(lanes: Int32Array, start: Buffer, parameters: Yescrypt): Promise<Buffer> {
  const { n, r, p } = parameters;
  const words = 32 * r;
  const rows = new Int32Array(n * words);
  const share = Math.floor(n / p / 2) * 2;
  const all = readsOf({ ...parameters, n: Math.floor(n / p) });
  const laneReads = even(Math.floor(all / p));
  let secret = start;
  const mixers: ((x: Int32Array) => void)[] = [];
  for (let lane = 0; lane < p; lane += 1) {
    const block = lanes.subarray(lane * words, (lane + 1) * words);
    const boxes = cutBoxes(await firstBoxes(block));
    const mix = (x: Int32Array): void => mixByBoxes(x, boxes);
    mixers.push(mix);
    if (lane === 0) secret = hmacSha256(writeWords(block.subarray(-16)), secret);
    const own = rows.subarray(lane * share * words, lane === p - 1 ? undefined : (lane + 1) * share * words);
    const x = shuffled(block);
    await fillRows(x, { rows: own, mix, rewrites: true });
    await readRows(x, laneReads, { rows: own, mix, rewrites: true });
    block.set(unshuffled(x));
  }
  for (const [lane, mix] of mixers.entries()) {
    const block = lanes.subarray(lane * words, (lane + 1) * words);
    const x = shuffled(block);
    await readRows(x, even(all) - laneReads, { rows, mix, rewrites: false });
    block.set(unshuffled(x));
  }
  return secret;
}

const FIRST_ROWS = 96;

/** The S-boxes: rows of a small scrypt over the first 128 bytes of the lane, which it changes. */
async function firstBoxes(block: Int32Array): Promise<Int32Array> {
  const rows = new Int32Array(FIRST_ROWS * 32);
  const x = shuffled(block.subarray(0, 32));
  await fillRows(x, { rows, mix: mixBySalsa, rewrites: false });
  block.set(unshuffled(x));
  return rows;
}

const readWords = (bytes: Buffer): Int32Array =>
  Int32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readInt32LE(index * 4));

function writeWords(words: Int32Array): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeInt32LE(word, index * 4);
  return bytes;
}
