import { fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import { shaCryptText } from './crypt-sha.ts';

/** Two sums of 31 bits; blanks and tabs were skipped. */
function mysql323(password: Buffer): Buffer {
  let [nr, nr2, add] = [1345345333n, 0x12345671n, 7n];
  for (const byte of password) {
    if (byte === 0x20 || byte === 0x09) continue;
    const value = BigInt(byte);
    nr ^= ((nr & 63n) + add) * value + (nr << 8n);
    nr = BigInt.asUintN(64, nr);
    nr2 = BigInt.asUintN(64, nr2 + ((nr2 << 8n) ^ nr));
    add += value;
  }
  return Buffer.from(half(nr) + half(nr2), 'hex');
}

const half = (value: bigint): string => (value & 0x7fffffffn).toString(16).padStart(8, '0');

function readMysql323(stored: string): Read {
  const expected = fromHex(stored, 8);
  if (!expected) return malformed;
  return { cost: 1, expected, compute: ({ bytes }) => mysql323(bytes), blank: '0'.repeat(16) };
}

const CACHING = /^(?:\$mysql)?\$A\$(?<thousands>\d{3})\*(?<salt>[0-9A-F]{40})\*(?<digest>[0-9A-F]{86})$/i;
const PLAIN = /^\$A\$(?<thousands>\d{3})\$(?<salt>[^\n]{20})(?<digest>[./0-9A-Za-z]{43})$/;

interface CachingParts {
  readonly rounds: number;
  readonly salt: Buffer | undefined;
  readonly text: string | undefined;
}

function splitCaching(stored: string): CachingParts | undefined {
  const hex = CACHING.exec(stored)?.groups;
  const groups = hex ?? PLAIN.exec(stored)?.groups;
  if (!groups) return undefined;
  const { thousands, salt = '', digest: text = '' } = groups;
  const rounds = Number(thousands) * 1000;
  if (!hex) return { rounds, salt: Buffer.from(salt, 'latin1'), text };
  return { rounds, salt: fromHex(salt), text: fromHex(text)?.toString('latin1') };
}

/** SHA-256 crypt with a salt of 20 bytes and rounds in thousands. */
function readCaching(stored: string): Read {
  const { rounds = 0, salt, text } = splitCaching(stored) ?? {};
  if (!text || !salt || rounds < 1000) return malformed;
  if (rounds > 700_000) return tooCostly;
  return {
    cost: rounds,
    expected: Buffer.from(text),
    compute: async ({ bytes }) => Buffer.from(await shaCryptText('sha256', bytes, salt, rounds)),
  };
}

export const MYSQL_ROWS = [
  scheme({
    id: 'mysql323',
    family: 'database',
    shape: undefined,
    costClass: 'fast',
    commonCost: 1,
    bounds: '16 hex digits',
    note: 'MySQL before 4.1: 62 bits. Better refused, and the password asked for anew',
    read: readMysql323,
  }),
  scheme({
    id: 'mysql-caching-sha2',
    family: 'database',
    shape: /^(?:\$mysql)?\$A\$\d{3}[*$]/,
    costClass: 'sha256-rounds',
    commonCost: 5000,
    bounds: 'rounds ≤ 700,000',
    note: 'MySQL 8 caching_sha2_password',
    maxPasswordBytes: 256,
    read: readCaching,
  }),
] as const;
