import { digest, hmac } from '../primitives/digests.ts';
import { crypt64Number } from '../primitives/encodings.ts';
import { repeat } from '../primitives/repeat.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';

type Name = 'sha256' | 'sha512';

const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
/** Most of a second; passlib's own default is 656,000. The format permits 999,999,999, which is most of an hour (linking-attacks 22). */
const MAX_ROUNDS = 700_000;
const MAX_PASSWORD_BYTES = 256;

/** @see akkadia.org/drepper/SHA-crypt.txt, whose steps these are */
async function shaCrypt(name: Name, password: Buffer, salt: Buffer, rounds: number): Promise<Buffer> {
  const size = name === 'sha256' ? 32 : 64;
  const inner = digest(name, password, salt, password);
  const parts = [password, salt, stretch(inner, password.length)];
  for (let left = password.length; left > 0; left >>= 1) parts.push(left & 1 ? inner : password);
  const first = digest(name, ...parts);
  const p = stretch(digest(name, ...Array.from({ length: password.length }, () => password)), password.length);
  const times = 16 + (first[0] ?? 0);
  const s = stretch(digest(name, ...Array.from({ length: times }, () => salt)), salt.length);
  // One buffer for all rounds: what is hashed changes its order, hardly its length.
  const work = Buffer.alloc(2 * p.length + s.length + size);
  let last = first;
  await repeat(rounds, (round) => {
    let at = (round & 1 ? p : last).copy(work, 0);
    if (round % 3) at += s.copy(work, at);
    if (round % 7) at += p.copy(work, at);
    at += (round & 1 ? last : p).copy(work, at);
    last = digest(name, work.subarray(0, at));
  });
  return last;
}

function stretch(bytes: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 0; at < length; at += bytes.length) bytes.copy(out, at);
  return out;
}

/** The digest in the order in which the format writes it: columns of a table that turns by one each line. */
function encode(name: Name, bytes: Buffer): string {
  const at = (index: number): number => bytes[index] ?? 0;
  const third = name === 'sha256' ? 10 : 21;
  const step = name === 'sha256' ? 21 : 22;
  const size = third * 3;
  let text = '';
  let [a, b, c] = [0, third, 2 * third];
  for (let line = 0; line < third; line += 1) {
    text += crypt64Number((at(a) << 16) | (at(b) << 8) | at(c), 4);
    [a, b, c] = [(a + step) % size, (b + step) % size, (c + step) % size];
  }
  return text + (name === 'sha256' ? crypt64Number((at(31) << 8) | at(30), 3) : crypt64Number(at(63), 2));
}

/** The written digest alone. */
export async function shaCryptText(name: Name, password: Buffer, salt: Buffer, rounds: number): Promise<string> {
  return encode(name, await shaCrypt(name, password, salt, rounds));
}

const read =
  (name: Name, form: RegExp) =>
  (stored: string): Read => {
    const groups = form.exec(stored)?.groups;
    if (!groups) return malformed;
    const { rounds: written, salt = '', digest: text = '' } = groups;
    const asked = written === undefined ? DEFAULT_ROUNDS : Number(written);
    if (asked > MAX_ROUNDS) return tooCostly;
    const rounds = Math.max(asked, MIN_ROUNDS);
    const grain = Buffer.from(salt);
    return {
      cost: rounds,
      expected: Buffer.from(text),
      compute: async ({ bytes }) => Buffer.from(await shaCryptText(name, bytes, grain, rounds)),
      ...(rounds < DEFAULT_ROUNDS && { blank: stored.slice(0, -text.length) + '.'.repeat(text.length) }),
    };
  };

const SHA1_ORDER = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18] as const;
const MAX_SHA1_ROUNDS = 250_000;

async function sha1Crypt(password: Buffer, salt: string, rounds: number): Promise<string> {
  let last = hmac('sha1', password, Buffer.from(`${salt}$sha1$${rounds}`));
  await repeat(rounds - 1, () => {
    last = hmac('sha1', password, last);
  });
  const bytes = SHA1_ORDER.map((index) => last[index] ?? 0);
  let text = '';
  for (let at = 0; at < bytes.length; at += 3)
    text += crypt64Number((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16), 4);
  return text;
}

function readSha1(stored: string): Read {
  const match = /^\$sha1\$([1-9]\d{0,9})\$([./0-9A-Za-z]{1,64})\$([./0-9A-Za-z]{28})$/.exec(stored);
  if (!match) return malformed;
  const [, count, salt = '', text = ''] = match;
  const rounds = Number(count);
  if (rounds > MAX_SHA1_ROUNDS) return tooCostly;
  return {
    cost: rounds * 4,
    expected: Buffer.from(text),
    compute: async ({ bytes }) => Buffer.from(await sha1Crypt(bytes, salt, rounds)),
    ...(rounds < DEFAULT_ROUNDS && { blank: stored.slice(0, -28) + '.'.repeat(28) }),
  };
}

const SHA256_FORM = /^\$5\$(?:rounds=(?<rounds>[1-9]\d{0,9})\$)?(?<salt>[^$\n]{0,16})\$(?<digest>[./0-9A-Za-z]{43})$/;
const SHA512_FORM = /^\$6\$(?:rounds=(?<rounds>[1-9]\d{0,9})\$)?(?<salt>[^$\n]{0,16})\$(?<digest>[./0-9A-Za-z]{86})$/;

export const CRYPT_SHA_ROWS = [
  scheme({
    id: 'sha256-crypt',
    family: 'crypt',
    shape: /^\$5\$/,
    costClass: 'sha256-rounds',
    commonCost: DEFAULT_ROUNDS,
    bounds: 'rounds ≤ 700,000; salt ≤ 16 characters; passwords ≤ 256 bytes',
    note: 'glibc $5$',
    maxPasswordBytes: MAX_PASSWORD_BYTES,
    read: read('sha256', SHA256_FORM),
  }),
  scheme({
    id: 'sha512-crypt',
    family: 'crypt',
    shape: /^\$6\$/,
    costClass: 'sha512-rounds',
    commonCost: DEFAULT_ROUNDS,
    bounds: 'rounds ≤ 700,000; salt ≤ 16 characters; passwords ≤ 256 bytes',
    note: 'glibc $6$, Moodle',
    maxPasswordBytes: MAX_PASSWORD_BYTES,
    read: read('sha512', SHA512_FORM),
  }),
  scheme({
    id: 'sha1-crypt',
    family: 'crypt',
    shape: /^\$sha1\$\d+\$/,
    costClass: 'sha1-rounds',
    commonCost: 80_000,
    bounds: 'rounds ≤ 250,000',
    note: 'NetBSD, Juniper',
    maxPasswordBytes: MAX_PASSWORD_BYTES,
    read: readSha1,
  }),
] as const;
