import { type Scrypt, isScrypt, scryptFits, scryptKey } from '../primitives/derive.ts';
import {
  anyBase64,
  crypt64Digit,
  fromBase64,
  fromCrypt64Big,
  fromCrypt64Little,
  fromHex,
} from '../primitives/encodings.ts';
import { isKeyLength } from './pbkdf2-reading.ts';
import { type Password, type Read, type SchemeRow, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

export interface ScryptParts extends Scrypt {
  readonly salt: Buffer | string | undefined;
  readonly expected: Buffer | undefined;
  readonly prepare?: (password: Password) => Buffer;
}

/** The one way into scrypt: its bounds hold for every format that uses it. */
export function scryptReading({ n, r, p, salt, expected, prepare }: ScryptParts): Read {
  if (!isScrypt({ n, r, p }) || salt === undefined || !expected) return malformed;
  if (!isKeyLength(expected.length) || expected.length > 512 || salt.length > 1024) return malformed;
  if (!scryptFits({ n, r, p })) return tooCostly;
  const grain = Buffer.from(salt);
  return {
    cost: n * r * p,
    expected,
    compute: (password) => scryptKey(prepare ? prepare(password) : password.bytes, grain, expected.length, { n, r, p }),
  };
}

type Split = (groups: Partial<Record<string, string>>, side: SideInput) => ScryptParts;

interface ScryptRow<Id extends string> {
  readonly id: Id;
  readonly form: RegExp;
  readonly split: Split;
  readonly note: string;
  readonly common?: number;
  readonly explicit?: true;
  readonly needs?: readonly (keyof SideInput)[];
}

const row = <const Id extends string>({
  id,
  form,
  split,
  note,
  common,
  explicit,
  needs,
}: ScryptRow<Id>): SchemeRow<Id> =>
  scheme({
    id,
    family: 'scrypt',
    shape: explicit ? undefined : form,
    costClass: 'scrypt',
    commonCost: common ?? 131_072,
    bounds: '128·N·r ≤ 128 MiB, N·r·p ≤ 2^21; key of 16 bytes or more',
    note,
    ...(needs && { needs }),
    read(stored, side) {
      const groups = form.exec(stored)?.groups;
      return groups ? scryptReading(split(groups, side)) : malformed;
    },
  });

const numbers = ({ n, r, p }: Partial<Record<string, string>>): Scrypt => ({
  n: Number(n),
  r: Number(r),
  p: Number(p),
});

/** `ln` is the exponent; Ory Kratos wrote N itself there. */
function exponent(ln: string | undefined): number {
  const value = Number(ln);
  return value < 64 ? 2 ** value : value;
}

function crypt7Number(digits: string): number {
  return Array.from(digits).reduceRight((sum, digit) => sum * 64 + crypt64Digit(digit), 0);
}

const NODE_DEFAULTS = { n: 16_384, r: 8, p: 1 };

export const SCRYPT_ROWS = [
  row({
    id: 'scrypt',
    form: /^\$scrypt\$ln=(?<ln>[1-9]\d{0,7}),r=(?<r>[1-9]\d{0,4}),p=(?<p>[1-9]\d{0,4})\$(?<salt>[A-Za-z0-9+/.]{0,200}={0,2})\$(?<digest>[A-Za-z0-9+/.]{22,200}={0,2})$/,
    split: ({ ln, r, p, salt = '', digest = '' }) => ({
      ...numbers({ n: String(exponent(ln)), r, p }),
      salt: fromBase64(salt.replaceAll('.', '+')),
      expected: fromBase64(digest.replaceAll('.', '+')),
    }),
    common: 524_288,
    note: 'PHC string, passlib, Ory Kratos',
  }),
  row({
    id: 'django-scrypt',
    form: /^scrypt\$(?<n>[1-9]\d{0,9})\$(?<salt>[^$]{1,128})\$(?<r>[1-9]\d{0,4})\$(?<p>[1-9]\d{0,4})\$(?<digest>[A-Za-z0-9+/]{86}==)$/,
    split: ({ salt, digest = '', ...rest }) => ({ ...numbers(rest), salt, expected: fromBase64(digest) }),
    note: 'Django; the salt is text',
  }),
  row({
    id: 'werkzeug-scrypt',
    form: /^scrypt:(?<n>[1-9]\d{0,9}):(?<r>[1-9]\d{0,4}):(?<p>[1-9]\d{0,4})\$(?<salt>[^$]{1,128})\$(?<digest>[0-9a-f]{128})$/,
    split: ({ salt, digest = '', ...rest }) => ({ ...numbers(rest), salt, expected: fromHex(digest) }),
    common: 262_144,
    note: 'Werkzeug, Flask; the salt is text',
  }),
  row({
    id: 'scrypt-colon',
    form: /^SCRYPT:(?<n>[1-9]\d{0,9}):(?<r>[1-9]\d{0,4}):(?<p>[1-9]\d{0,4}):(?<salt>[A-Za-z0-9+/]{1,200}={0,2}):(?<digest>[A-Za-z0-9+/]{22,200}={0,2})$/,
    split: ({ salt = '', digest = '', ...rest }) => ({
      ...numbers(rest),
      salt: fromBase64(salt),
      expected: fromBase64(digest),
    }),
    note: 'SCRYPT:N:r:p:salt:key',
  }),
  row({
    id: 'scrypt-crypt7',
    form: /^\$7\$(?<n>[./A-Za-z0-9])(?<r>[./A-Za-z0-9]{5})(?<p>[./A-Za-z0-9]{5})(?<salt>[./A-Za-z0-9]{0,64})\$(?<digest>[./A-Za-z0-9]{43})$/,
    split: ({ n = '', r = '', p = '', salt, digest = '' }) => ({
      n: 2 ** crypt64Digit(n),
      r: crypt7Number(r),
      p: crypt7Number(p),
      salt,
      expected: fromCrypt64Little(digest),
    }),
    common: 524_288,
    note: 'libxcrypt and libsodium $7$',
  }),
  row({
    id: 'spring-scrypt',
    form: /^(?:\{scrypt(?:@SpringSecurity_v(?:4_1|5_8))?\})?\$(?<parameters>[1-9a-f][0-9a-f]{4,6})\$(?<salt>[A-Za-z0-9+/]{20,120}={0,2})\$(?<digest>[A-Za-z0-9+/]{22,120}={0,2})$/,
    split: ({ parameters = '', salt = '', digest = '' }) => {
      const packed = parseInt(parameters, 16);
      return {
        n: 2 ** (packed >>> 16),
        r: (packed >>> 8) & 255,
        p: packed & 255,
        salt: fromBase64(salt),
        expected: fromBase64(digest),
      };
    },
    note: 'Spring SCryptPasswordEncoder; the numbers packed in hex',
  }),
  row({
    id: 'cisco-type9',
    form: /^\$9\$(?<salt>[A-Za-z0-9./]{14})\$(?<digest>[A-Za-z0-9./]{43})$/,
    split: ({ salt, digest = '' }) => ({ n: 16_384, r: 1, p: 1, salt, expected: fromCrypt64Big(digest) }),
    common: 16_384,
    note: 'Cisco type 9',
  }),
  row({
    id: 'scrypt-parts',
    form: /^(?:(?<salt>[0-9a-f]{8,128}):)?(?<digest>[0-9a-f]{32,256}|[A-Za-z0-9+/_-]{22,200}={0,2})$/i,
    explicit: true,
    split: ({ salt, digest = '' }, side) => ({
      n: side.n ?? NODE_DEFAULTS.n,
      r: side.r ?? NODE_DEFAULTS.r,
      p: side.p ?? NODE_DEFAULTS.p,
      salt: saltOf(salt ?? side.salt, side),
      expected: side.encoding === 'hex' || salt ? fromHex(digest) : anyBase64(digest),
      ...(side.variant === 'nfkc' && { prepare: ({ text }: Password) => Buffer.from(text.normalize('NFKC')) }),
    }),
    note: 'key and salt in two columns, or Node’s salt:key in hex (the salt as text unless its encoding is said); variant nfkc: better-auth',
  }),
] as const;

function saltOf(salt: string | undefined, { saltEncoding = 'text' }: SideInput): Buffer | undefined {
  if (salt === undefined) return undefined;
  if (saltEncoding === 'text') return Buffer.from(salt);
  return saltEncoding === 'hex' ? fromHex(salt) : fromBase64(salt);
}
