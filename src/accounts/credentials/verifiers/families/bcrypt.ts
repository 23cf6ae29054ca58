import { digest, hexDigest, hmac, isDigestName } from '../primitives/digests.ts';
import { fromBcrypt64 } from '../primitives/encodings.ts';
import { type Password, type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

const MIN_COST = 4;
/** 14 takes about 0.75 s; each step doubles it. */
const MAX_COST = 14;
export const SEEN_BYTES = 72;

interface BcryptParts {
  readonly cost: number;
  readonly salt: string;
  readonly digest: string;
  /** What goes into bcrypt; undefined when no such password can be in the format. */
  readonly prepare?: (password: Password) => Buffer | undefined;
}

/** The one way into bcrypt: its bounds hold for every format that uses it. */
export function bcryptReading({ cost, salt, digest: text, prepare = ({ bytes }) => bytes }: BcryptParts): Read {
  if (!Number.isSafeInteger(cost) || cost < MIN_COST) return malformed;
  if (cost > MAX_COST) return tooCostly;
  return {
    cost,
    expected: Buffer.from(text),
    async compute(password) {
      const bytes = prepare(password);
      // C implementations stop at NUL, so 'a\0b' would open what 'a' opens; ours does not, and refuses instead.
      if (!bytes || bytes.includes(0)) return undefined;
      return Buffer.from(await bcryptText(bytes, cost, fromBcrypt64(salt)));
    },
  };
}

/** The digest as bcrypt writes it. Its code is loaded at the first one: 3 MB. */
async function bcryptText(bytes: Buffer, cost: number, salt: Buffer): Promise<string> {
  const { hash } = await import('@node-rs/bcrypt');
  return (await hash(bytes.subarray(0, SEEN_BYTES), cost, salt)).slice(-31);
}

const BCRYPT = /^\$(?<version>2[abxy]?)\$(?<cost>\d\d)\$(?<salt>[./A-Za-z0-9]{22})(?<digest>[./A-Za-z0-9]{31})$/;

function readBcrypt(stored: string, versions: string, prepare?: BcryptParts['prepare']): Read {
  const groups = BCRYPT.exec(stored)?.groups;
  if (!groups || !versions.split(' ').includes(groups['version'] ?? '')) return malformed;
  const { cost, salt = '', digest: text = '' } = groups;
  return bcryptReading({ cost: Number(cost), salt, digest: text, ...(prepare && { prepare }) });
}

const CURRENT = '2a 2b 2y';

/** bcrypt over the whole value that bcrypt gave before, with the same salt: one step of cost more. */
function readDouble(stored: string): Read {
  const groups = BCRYPT.exec(stored)?.groups;
  const { version, cost, salt = '', digest: text = '' } = groups ?? {};
  const twice = Number(cost) + 1;
  const read = bcryptReading({ cost: twice, salt, digest: text });
  if (!groups || 'problem' in read) return groups ? read : malformed;
  if (twice <= MIN_COST) return malformed;
  const grain = fromBcrypt64(salt);
  return {
    ...read,
    async compute({ bytes }) {
      if (bytes.includes(0)) return undefined;
      const first = `$${version}$${cost}$${salt}${await bcryptText(bytes, twice - 1, grain)}`;
      return Buffer.from(await bcryptText(Buffer.from(first), twice - 1, grain));
    },
  };
}

/** As Devise and others have it: the pepper behind the password, or as the key of an HMAC over it. */
function peppered(side: SideInput): BcryptParts['prepare'] {
  const { pepper, pepperUse = 'append' } = side;
  if (pepper === undefined) return undefined;
  const key = Buffer.from(pepper);
  if (pepperUse === 'append') return ({ bytes }) => Buffer.concat([bytes, key]);
  if (pepperUse === 'prepend') return ({ bytes }) => Buffer.concat([key, bytes]);
  const name = pepperUse === 'hmac-sha256' ? 'sha256' : 'sha512';
  return ({ bytes }) => Buffer.from(hmac(name, key, bytes).toString('hex'));
}

/** With the sign bug only letters beyond ASCII came out otherwise; for those there is no right answer here. */
const asciiOnly = ({ bytes }: Password): Buffer | undefined => (bytes.every((byte) => byte < 0x80) ? bytes : undefined);

const behind = (prefix: string, stored: string): string =>
  stored.startsWith(prefix) ? stored.slice(prefix.length) : '';

function readDigested(stored: string, side: SideInput): Read {
  const name = side.algorithm;
  if (!isDigestName(name)) return malformed;
  return readBcrypt(stored, CURRENT, ({ bytes }) => Buffer.from(hexDigest(name, bytes)));
}

const hexSha256 = ({ bytes }: Password): Buffer => Buffer.from(hexDigest('sha256', bytes));
const WORDPRESS_KEY = Buffer.from('wp-sha384');

const PASSLIB_1 = /^\$bcrypt-sha256\$2[ab],(?<cost>\d{1,2})\$(?<salt>[./A-Za-z0-9]{22})\$(?<digest>[./A-Za-z0-9]{31})$/;
const PASSLIB_2 =
  /^\$bcrypt-sha256\$v=2,t=2b,r=(?<cost>\d{1,2})\$(?<salt>[./A-Za-z0-9]{22})\$(?<digest>[./A-Za-z0-9]{31})$/;

function readPasslib(stored: string): Read {
  const second = PASSLIB_2.exec(stored)?.groups;
  const groups = second ?? PASSLIB_1.exec(stored)?.groups;
  if (!groups) return malformed;
  const { cost, salt = '', digest: text = '' } = groups;
  const prepare = second
    ? ({ bytes }: Password): Buffer => Buffer.from(hmac('sha256', Buffer.from(salt), bytes).toString('base64'))
    : ({ bytes }: Password): Buffer => Buffer.from(digest('sha256', bytes).toString('base64'));
  return bcryptReading({ cost: Number(cost), salt, digest: text, prepare });
}

const common = {
  family: 'bcrypt',
  costClass: 'bcrypt',
  bounds: 'cost 4 to 14; NUL is refused',
} as const;

export const BCRYPT_ROWS = [
  scheme({
    ...common,
    id: 'bcrypt',
    shape: /^(?:\{(?:BCRYPT|BLF-CRYPT)\})?\$2[aby]\$/i,
    commonCost: 10,
    note: '$2a$ $2b$ $2y$; pepper behind or before the password, or as HMAC key',
    sees: SEEN_BYTES,
    read: (stored, side) => readBcrypt(stored.replace(/^\{(?:BCRYPT|BLF-CRYPT)\}/i, ''), CURRENT, peppered(side)),
  }),
  scheme({
    ...common,
    id: 'bcrypt-2x',
    explicit: true,
    shape: /^\$2x?\$/,
    commonCost: 10,
    note: '$2x$ and $2$: passwords of ASCII only, which the sign bug does not touch; never read as $2y$',
    sees: SEEN_BYTES,
    read: (stored) => readBcrypt(stored, '2x 2', asciiOnly),
  }),
  scheme({
    ...common,
    id: 'django-bcrypt',
    shape: /^bcrypt\$\$2/,
    commonCost: 12,
    note: 'Django bcrypt',
    sees: SEEN_BYTES,
    read: (stored) => readBcrypt(behind('bcrypt$', stored), CURRENT),
  }),
  scheme({
    ...common,
    id: 'django-bcrypt-sha256',
    shape: /^bcrypt_sha256\$\$2/,
    commonCost: 12,
    note: 'Django: bcrypt over the hex of SHA-256',
    read: (stored) => readBcrypt(behind('bcrypt_sha256$', stored), CURRENT, hexSha256),
  }),
  scheme({
    ...common,
    id: 'passlib-bcrypt-sha256',
    shape: /^\$bcrypt-sha256\$/,
    commonCost: 12,
    note: 'passlib, both versions',
    read: readPasslib,
  }),
  scheme({
    ...common,
    id: 'wordpress-bcrypt',
    shape: /^\$wp\$2y\$/,
    commonCost: 10,
    note: 'WordPress 6.8: bcrypt over base64 of HMAC-SHA384; blanks around the password are cut off',
    read: (stored) =>
      readBcrypt(behind('$wp', stored), '2y', ({ text }) =>
        Buffer.from(hmac('sha384', WORDPRESS_KEY, Buffer.from(phpTrim(text))).toString('base64')),
      ),
  }),
  scheme({
    ...common,
    id: 'wbb4',
    explicit: true,
    shape: /^\$2[aby]\$/,
    bounds: 'cost 4 to 13, twice; NUL is refused',
    commonCost: 9,
    note: 'WoltLab 4 (Burning Board, Suite): bcrypt over bcrypt with the same salt; it looks like bcrypt',
    sees: SEEN_BYTES,
    read: readDouble,
  }),
  scheme({
    ...common,
    id: 'bcrypt-of-digest',
    shape: undefined,
    commonCost: 10,
    note: 'bcrypt over a hex digest of md5, sha1, sha256 …, after somebody once improved a table; Parse, Meteor',
    needs: ['algorithm'],
    read: readDigested,
  }),
] as const;

/** What PHP's trim() takes off. */
// eslint-disable-next-line no-control-regex
export const phpTrim = (text: string): string => text.replace(/^[ \t\n\r\0\x0b]+|[ \t\n\r\0\x0b]+$/g, '');
