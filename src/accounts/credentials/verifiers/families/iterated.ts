import { type DigestName, digest, isDigestName } from '../primitives/digests.ts';
import { crypt64Big, crypt64Number, fromBase64, fromHex } from '../primitives/encodings.ts';
import { repeat } from '../primitives/repeat.ts';
import { type Read, WEAK_BELOW, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

/** Shiro's own default is 500,000. */
const MAX_ROUNDS = 600_000;

interface Iterated {
  readonly name: DigestName;
  readonly rounds: number;
  readonly expected: Buffer | undefined;
  readonly before: Buffer;
  readonly after?: Buffer;
  readonly blank: string;
}

/** digest(before‖password‖after), then of itself again and again. */
function iteratedReading({ name, rounds, expected, before, after = Buffer.alloc(0), blank }: Iterated): Read {
  if (!expected || rounds < 1) return malformed;
  if (rounds > MAX_ROUNDS) return tooCostly;
  return {
    cost: rounds,
    expected,
    async compute({ bytes }) {
      let last = digest(name, before, bytes, after);
      await repeat(rounds - 1, () => {
        last = digest(name, last);
      });
      return last;
    },
    ...(rounds < WEAK_BELOW && { blank }),
  };
}

const SHIRO =
  /^\$shiro1\$(?<name>MD5|SHA-1|SHA-224|SHA-256|SHA-384|SHA-512)\$(?<rounds>[1-9]\d{0,9})\$(?<salt>[A-Za-z0-9+/]*={0,2})\$(?<digest>[A-Za-z0-9+/]+={0,2})$/;

const sized = (bytes: Buffer | undefined, size: number): Buffer | undefined =>
  bytes && bytes.length === size ? bytes : undefined;

const SIZES: Partial<Record<string, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

function readShiro(stored: string, { pepper = '' }: SideInput): Read {
  const groups = SHIRO.exec(stored)?.groups;
  const name = groups?.['name']?.toLowerCase().replace('-', '');
  const salt = fromBase64(groups?.['salt'] ?? '');
  if (!groups || !isDigestName(name) || !salt) return malformed;
  const text = groups['digest'] ?? '';
  return iteratedReading({
    name,
    rounds: Number(groups['rounds']),
    expected: sized(fromBase64(text), SIZES[name] ?? 0),
    before: Buffer.concat([Buffer.from(pepper), salt]),
    blank: stored.slice(0, -text.length) + text.replace(/[^=]/g, 'A'),
  });
}

const FSHP_NAMES = ['sha1', 'sha256', 'sha384', 'sha512'] as const;

/** The salt is the password of PBKDF1, and the password its salt: so it was published. */
function readFshp(stored: string): Read {
  const groups =
    /^\{FSHP(?<kind>[0-3])\|(?<size>\d{1,3})\|(?<rounds>[1-9]\d{0,9})\}(?<blob>[A-Za-z0-9+/]+={0,2})$/.exec(
      stored,
    )?.groups;
  const name = FSHP_NAMES[Number(groups?.['kind'])];
  const bytes = fromBase64(groups?.['blob'] ?? '');
  if (!groups || !name || !bytes) return malformed;
  const at = Number(groups['size']);
  return iteratedReading({
    name,
    rounds: Number(groups['rounds']),
    expected: sized(bytes.subarray(at), SIZES[name] ?? 0),
    before: bytes.subarray(0, at),
    blank: stored.replace(groups['blob'] ?? '', Buffer.from(bytes).fill(0, at).toString('base64')),
  });
}

const QNX = /^@(?<kind>[msS])(?:,(?<rounds>[1-9]\d{0,6}))?@(?<digest>[0-9a-f]{32,128})@(?<salt>[0-9a-f]{1,64})$/;
const QNX_NAMES: Partial<Record<string, DigestName>> = { m: 'md5', s: 'sha256', S: 'sha512' };

/** One digest over the salt and many copies of the password. */
function readQnx(stored: string): Read {
  const { kind = '', rounds = '1000', digest: text = '', salt = '' } = QNX.exec(stored)?.groups ?? {};
  const name = QNX_NAMES[kind];
  const expected = name && sized(fromHex(text), SIZES[name] ?? 0);
  if (!expected) return malformed;
  const copies = Number(rounds) + 1;
  if (copies > 5000) return tooCostly;
  const grain = Buffer.from(salt);
  return {
    cost: copies,
    expected,
    compute: ({ bytes }) => digest(name, grain, ...Array.from({ length: copies }, () => bytes)),
    blank: stored.replace(text, '0'.repeat(text.length)),
  };
}

/** MD5 over the padded password (and user), every fourth byte left out. */
function readCisco(asa: boolean, stored: string, { user = '' }: SideInput): Read {
  if (!/^[./0-9A-Za-z]{16}$/.test(stored)) return malformed;
  return {
    cost: 1,
    expected: Buffer.from(stored),
    compute({ bytes }) {
      // A short user name is repeated.
      const name = Buffer.from(user.repeat(4)).subarray(0, 4);
      const typed = bytes.length < (asa ? 28 : 13) && user !== '' ? Buffer.concat([bytes, name]) : bytes;
      const size = asa && typed.length > 16 ? 32 : 16;
      const padded = Buffer.alloc(size);
      padded.set(typed.subarray(0, size));
      const sum = digest('md5', padded);
      return Buffer.from(
        [0, 4, 8, 12]
          .map((at) => crypt64Number((sum[at] ?? 0) | ((sum[at + 1] ?? 0) << 8) | ((sum[at + 2] ?? 0) << 16), 4))
          .join(''),
      );
    },
    blank: '.'.repeat(16),
  };
}

function readType4(stored: string): Read {
  if (!/^[./0-9A-Za-z]{43}$/.test(stored)) return malformed;
  return {
    cost: 1,
    expected: Buffer.from(stored),
    compute: ({ bytes }) => Buffer.from(crypt64Big(digest('sha256', bytes))),
    blank: '.'.repeat(43),
  };
}

const fast = { costClass: 'fast', commonCost: 1, bounds: 'digest whole' } as const;

export const ITERATED_ROWS = [
  scheme({
    id: 'shiro1',
    family: 'iterated',
    shape: /^\$shiro1\$/,
    costClass: 'sha256-rounds',
    commonCost: 500_000,
    bounds: 'rounds ≤ 600,000',
    note: 'Apache Shiro 1; pepper = its private salt',
    read: readShiro,
  }),
  scheme({
    id: 'fshp',
    family: 'iterated',
    shape: /^\{FSHP[0-3]\|/,
    costClass: 'sha256-rounds',
    commonCost: 4096,
    bounds: 'rounds ≤ 600,000',
    note: 'Fairly Secure Hashed Passwords',
    read: readFshp,
  }),
  scheme({
    id: 'qnx',
    family: 'iterated',
    shape: /^@[msS](?:,\d+)?@/,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'rounds ≤ 5,000',
    note: 'QNX 6.6',
    maxPasswordBytes: 256,
    read: readQnx,
  }),
  scheme({
    ...fast,
    id: 'cisco-pix',
    family: 'appliance',
    shape: undefined,
    note: 'Cisco PIX; user = salt where there is one',
    sees: 16,
    read: (stored, side) => readCisco(false, stored, side),
  }),
  scheme({
    ...fast,
    id: 'cisco-asa',
    family: 'appliance',
    shape: undefined,
    note: 'Cisco ASA; user = salt',
    sees: 32,
    read: (stored, side) => readCisco(true, stored, side),
  }),
  scheme({
    ...fast,
    id: 'cisco-type4',
    family: 'appliance',
    shape: undefined,
    note: 'Cisco type 4',
    read: readType4,
  }),
] as const;
