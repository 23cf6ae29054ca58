import { digest } from '../primitives/digests.ts';
import { crypt64Number } from '../primitives/encodings.ts';
import { repeat } from '../primitives/repeat.ts';
import { type Read, malformed, scheme } from '../scheme.ts';

const ROUNDS = 1000;
const ORDER = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

function firstDigest(password: Buffer, magic: Buffer, salt: Buffer): Buffer {
  const inner = digest('md5', password, salt, password);
  const parts = [password, magic, salt];
  for (let left = password.length; left > 0; left -= 16) parts.push(inner.subarray(0, Math.min(16, left)));
  for (let left = password.length; left > 0; left >>= 1) {
    // The original's slip: a NUL where the digest was meant, else the first character.
    parts.push(left & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  return digest('md5', ...parts);
}

async function md5Crypt(password: Buffer, magic: string, grain: string): Promise<string> {
  const salt = Buffer.from(grain);
  let last = firstDigest(password, Buffer.from(magic), salt);
  await repeat(ROUNDS, (round) => {
    const parts: Buffer[] = [round & 1 ? password : last];
    if (round % 3) parts.push(salt);
    if (round % 7) parts.push(password);
    parts.push(round & 1 ? last : password);
    last = digest('md5', ...parts);
  });
  return md5CryptText(last);
}

/** A digest as md5crypt and Sun's MD5 write it. */
export function md5CryptText(bytes: Buffer): string {
  const at = (index: number): number => bytes[index] ?? 0;
  const text = ORDER.map(([high, middle, low]) => crypt64Number((at(high) << 16) | (at(middle) << 8) | at(low), 4));
  return text.join('') + crypt64Number(at(11), 2);
}

const read =
  (form: RegExp, magic: string) =>
  (stored: string): Read => {
    const match = form.exec(stored);
    if (!match) return malformed;
    const [, salt = '', text = ''] = match;
    return {
      cost: ROUNDS,
      expected: Buffer.from(text),
      compute: async ({ bytes }) => Buffer.from(await md5Crypt(bytes, magic, salt)),
      blank: stored.slice(0, -text.length) + '.'.repeat(text.length),
    };
  };

const common = {
  family: 'crypt',
  costClass: 'md5-rounds',
  commonCost: ROUNDS,
  bounds: 'rounds fixed at 1,000; salt ≤ 8 characters',
  maxPasswordBytes: 256,
} as const;

export const CRYPT_MD5_ROWS = [
  scheme({
    ...common,
    id: 'md5-crypt',
    shape: /^\$1\$[^$]{0,8}\$[./0-9A-Za-z]{22}$/,
    note: 'Linux, FreeBSD, Cisco 5',
    read: read(/^\$1\$([^$\n]{0,8})\$([./0-9A-Za-z]{22})$/, '$1$'),
  }),
  scheme({
    ...common,
    id: 'apr-md5-crypt',
    shape: /^\$apr1\$[^$]{0,8}\$[./0-9A-Za-z]{22}$/,
    note: 'Apache htpasswd',
    read: read(/^\$apr1\$([^$\n]{0,8})\$([./0-9A-Za-z]{22})$/, '$apr1$'),
  }),
  scheme({
    ...common,
    id: 'aix-smd5',
    shape: /^\{smd5\}[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/,
    note: 'AIX: the same without a magic',
    read: read(/^\{smd5\}([./0-9A-Za-z]{1,8})\$([./0-9A-Za-z]{22})$/, ''),
  }),
] as const;
