import { MAX_ITERATIONS, pbkdf2Key } from '../primitives/derive.ts';
import { fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';

/** The substitution of Notes' own digest. */
const TABLE = Buffer.from(
  'bd56eaf2a2f1ac2ab093d19c1b33fdd03004b6dc7ddf324bf7cb459b31bb215a' +
    '419fe1d94a4d9edaa0682cc3275f80363eeefb951afecea834a913f0a63fd80c' +
    '7824af2352c16717f56690e7e807b86048e61e53f392a4728c08156e860084fa' +
    'f47f8a4219f6dbcd148d5012ba3c064eecb33511a1888e2b9499b77174d3e4bf' +
    '3ade960ebc0aed77fc376b03798962c6d7c0d27c6a8b22a35b055d0275d561e3' +
    '188f5551ad1f0b5e85e5c25763ca3d6cb4c5cc70b291590d4720c84f58e001e2' +
    '1638c46f3b0f6546be7e2d7b82f940b51d73f8eb26c787972554b128aa989da5' +
    '646d7ad4108144ef49d6ae2edd765c2fa71cc909699a83cf2939b9e94cff43ab',
  'hex',
);

const sub = (index: number): number => TABLE[index & 255] ?? 0;

/** Eighteen turns over state, block and their difference; the state is what is left in front. */
function mix(state: Buffer, block: Buffer): Buffer {
  const x = Buffer.concat([state, block, state.map((byte, index) => byte ^ (block[index] ?? 0))]);
  let last = 0;
  for (let turn = 0; turn < 18; turn += 1)
    for (let index = 0; index < 48; index += 1) {
      last = (x[index] ?? 0) ^ sub(last + 48 - index);
      x[index] = last;
    }
  return Buffer.from(x.subarray(0, 16));
}

function addToChecksum(checksum: Buffer, block: Buffer): void {
  let last = checksum[15] ?? 0;
  for (let index = 0; index < 16; index += 1) {
    last = (checksum[index] ?? 0) ^ sub(last ^ (block[index] ?? 0));
    checksum[index] = last;
  }
}

/** Built like MD2: blocks of 16, filled with their missing length, a checksum behind them. */
export function notesDigest(message: Buffer): Buffer {
  const fill = 16 - (message.length % 16);
  const padded = Buffer.concat([message, Buffer.alloc(fill, fill)]);
  const checksum = Buffer.alloc(16);
  let state: Buffer = Buffer.alloc(16);
  for (let at = 0; at < padded.length; at += 16) {
    const block = padded.subarray(at, at + 16);
    state = mix(state, block);
    addToChecksum(checksum, block);
  }
  return mix(state, checksum);
}

const NOTES64 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const exchange = (text: string, from: string, to: string): string =>
  Array.from(text, (digit) => to[from.indexOf(digit)] ?? '').join('');

/** Written with four added to the fourth byte. */
function shift(bytes: Buffer, by: number): Buffer {
  const shifted = Buffer.from(bytes);
  shifted[3] = ((shifted[3] ?? 0) + by) & 255;
  return shifted;
}

/** Ten bytes are written; of the tenth only six bits fit, and old clients put something else there. */
function notes6(password: Buffer, salt: Buffer): Buffer {
  const first = notesDigest(password).toString('hex').toUpperCase();
  const second = notesDigest(Buffer.concat([salt, Buffer.from(`(${first}`).subarray(0, 29)]));
  return second.subarray(0, 10);
}

function readNotes6(stored: string): Read {
  const text = /^\(G([0-9A-Za-z+/]{19})\)$/.exec(stored)?.[1];
  if (text === undefined) return malformed;
  const bytes = shift(Buffer.from(exchange(text, NOTES64, BASE64), 'base64'), -4);
  const salt = bytes.subarray(0, 5);
  return {
    cost: 1,
    expected: Buffer.from(bytes.subarray(5, 14)),
    compute: ({ bytes: typed }) => notes6(typed, salt).subarray(0, 9),
    blank: `(G${exchange(
      shift(Buffer.concat([salt, Buffer.alloc(9)]), 4)
        .toString('base64')
        .slice(0, 18),
      BASE64,
      NOTES64,
    )}0)`,
  };
}

/** Generation 8: PBKDF2-SHA1 over the written form of generation 6, with eight bytes of key. */
function readNotes8(stored: string): Read {
  const text = /^\(H([0-9A-Za-z+/]{48})\)$/.exec(stored)?.[1];
  const bytes = text === undefined ? undefined : shift(Buffer.from(exchange(text, NOTES64, BASE64), 'base64'), -4);
  const iterations = Number(bytes?.toString('latin1', 16, 26));
  if (!bytes || !Number.isSafeInteger(iterations) || iterations < 1) return malformed;
  if (iterations > MAX_ITERATIONS) return tooCostly;
  const salt = bytes.subarray(0, 16);
  return {
    cost: iterations,
    expected: Buffer.from(bytes.subarray(28, 36)),
    compute: ({ bytes: typed }) => {
      const six = Buffer.concat([salt.subarray(0, 5), notes6(typed, salt.subarray(0, 5))]);
      const digits = exchange(shift(six, 4).toString('base64').slice(0, 19), BASE64, NOTES64);
      const key = Buffer.from(`(G${digits})`);
      return pbkdf2Key(key, { digest: 'sha1', iterations, salt, bytes: 8 });
    },
  };
}

function readNotes5(stored: string): Read {
  const expected = fromHex(stored, 16);
  if (!expected) return malformed;
  return { cost: 1, expected, compute: ({ bytes }) => notesDigest(bytes), blank: '0'.repeat(32) };
}

export const LOTUS_ROWS = [
  scheme({
    id: 'lotus-domino5',
    family: 'lotus',
    shape: undefined,
    costClass: 'fast',
    commonCost: 1,
    bounds: '32 hex digits',
    note: 'Lotus Notes and Domino 5; bare, it looks like an MD5',
    read: readNotes5,
  }),
  scheme({
    id: 'lotus-domino6',
    family: 'lotus',
    shape: /^\(G[0-9A-Za-z+/]{19}\)$/,
    costClass: 'fast',
    commonCost: 1,
    bounds: '21 digits',
    note: 'Lotus Notes and Domino 6',
    read: readNotes6,
  }),
  scheme({
    id: 'lotus-domino8',
    family: 'lotus',
    shape: /^\(H[0-9A-Za-z+/]{48}\)$/,
    costClass: 'pbkdf2-sha1',
    commonCost: 5000,
    bounds: 'iterations ≤ 2,000,000',
    note: 'Lotus Domino 8.5: eight bytes of key',
    read: readNotes8,
  }),
] as const;
