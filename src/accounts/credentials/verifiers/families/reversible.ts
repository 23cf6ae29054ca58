import { createDecipheriv, getCipherInfo, randomBytes } from 'node:crypto';
import { decryptBlowfish } from '../primitives/ciphers/blowfish.ts';
import { rc4 } from '../primitives/ciphers/rc4.ts';
import { digest } from '../primitives/digests.ts';
import { anyBase64, fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';

interface Sealed {
  readonly key: Buffer;
  readonly text: Buffer;
  /** From its own column; undefined: none. */
  readonly iv: Buffer | undefined;
}

type Open = (sealed: Sealed) => Buffer | undefined;

/** PKCS 7, or zeros; undefined when the end is neither. */
function unpadded(bytes: Buffer): Buffer | undefined {
  const last = bytes.at(-1) ?? 0;
  if (last === 0) return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
  const isPadded = last <= 16 && bytes.length >= last && bytes.subarray(-last).every((byte) => byte === last);
  return isPadded ? bytes.subarray(0, -last) : undefined;
}

/** OpenSSL blocks single DES; three times the same key is the same thing. */
const openSslKey = (name: string, key: Buffer): Buffer =>
  name.startsWith('des-ede3') && key.length === 8 ? Buffer.concat([key, key, key]) : key;

/** The IV of its own column, else the first block of the value; of ECB none. */
function ivOf({ text, iv }: Sealed, bytes: number): { readonly iv: Buffer; readonly rest: Buffer } | undefined {
  const own = iv ?? text.subarray(0, bytes);
  return own.length === bytes ? { iv: own, rest: iv ? text : text.subarray(bytes) } : undefined;
}

const openBlocks =
  (name: string): Open =>
  (sealed) => {
    const info = getCipherInfo(name);
    const key = openSslKey(name, sealed.key);
    const parts = ivOf(sealed, info?.ivLength ?? 0);
    if (!info || key.length !== info.keyLength || !parts || parts.rest.length % (info.blockSize ?? 1)) return undefined;
    const decipher = createDecipheriv(name, key, info.ivLength ? parts.iv : null).setAutoPadding(false);
    return unpadded(Buffer.concat([decipher.update(parts.rest), decipher.final()]));
  };

const openBlowfish =
  (ivBytes: number): Open =>
  (sealed) => {
    const parts = ivOf(sealed, ivBytes);
    if (!parts || parts.rest.length % 8 || sealed.key.length > 56) return undefined;
    return unpadded(decryptBlowfish(sealed.key, parts.rest, ivBytes ? parts.iv : undefined));
  };

/** MySQL's AES_ENCRYPT: a key of any length, xored together to sixteen bytes. */
const openMysql: Open = (sealed) => {
  const key = Buffer.alloc(16);
  for (const [index, byte] of sealed.key.entries()) key[index % 16] = (key[index % 16] ?? 0) ^ byte;
  return openBlocks('aes-128-ecb')({ ...sealed, key });
};

/** Jasypt's and Java's PBEWithMD5AndDES: eight bytes of salt, then DES under a thousand MD5s of password and salt. */
const openPbeMd5Des: Open = ({ key: password, text }) => {
  let last: Buffer = Buffer.concat([password, text.subarray(0, 8)]);
  for (let round = 0; round < 1000; round += 1) last = digest('md5', last);
  return openBlocks('des-ede3-cbc')({ key: last.subarray(0, 8), text: text.subarray(8), iv: last.subarray(8, 16) });
};

const CIPHERS: ReadonlyMap<string, Open> = new Map<string, Open>([
  ...['aes-128', 'aes-192', 'aes-256'].flatMap((aes): [string, Open][] => [
    [`${aes}-cbc`, openBlocks(`${aes}-cbc`)],
    [`${aes}-ecb`, openBlocks(`${aes}-ecb`)],
  ]),
  ['des-cbc', openBlocks('des-ede3-cbc')],
  ['des-ecb', openBlocks('des-ede3-ecb')],
  ['des-ede3-cbc', openBlocks('des-ede3-cbc')],
  ['des-ede3-ecb', openBlocks('des-ede3-ecb')],
  ['blowfish-cbc', openBlowfish(8)],
  ['blowfish-ecb', openBlowfish(0)],
  ['mysql-aes', openMysql],
  ['pbe-md5-des', openPbeMd5Des],
  ['rc4', ({ key, text }) => rc4(key, text)],
]);

const decoded = (text: string | undefined, encoding: SideInput['saltEncoding'] = 'text'): Buffer | undefined => {
  if (text === undefined) return undefined;
  if (encoding === 'text') return Buffer.from(text);
  return encoding === 'hex' ? fromHex(text) : anyBase64(text);
};

/** ASP.NET Membership: what stands in front of the password, and its characters of two bytes. */
function membershipPassword(plain: Buffer, salt: Buffer | undefined): Buffer | undefined {
  const at = salt ? plain.indexOf(salt) : -1;
  return salt && at >= 0 ? Buffer.from(plain.subarray(at + salt.length).toString('utf16le')) : undefined;
}

function sealedOf(stored: string, side: SideInput): Sealed | undefined {
  const key = decoded(side.pepper, side.pepperEncoding);
  const text = side.encoding === 'hex' ? fromHex(stored) : anyBase64(stored);
  return key?.length && text?.length ? { key, text, iv: decoded(side.salt, side.saltEncoding) } : undefined;
}

function passwordOf(stored: string, side: SideInput): Buffer | undefined {
  const name = side.algorithm?.toLowerCase() ?? '';
  const open = CIPHERS.get(name);
  const sealed = sealedOf(stored, side);
  if (!open || !sealed || side.variant !== 'membership') return sealed && open?.(sealed);
  const plain = open({ ...sealed, iv: Buffer.alloc(name.startsWith('aes') ? 16 : 8) });
  return plain && membershipPassword(plain, sealed.iv);
}

const BLANK = '{OPENED}';

/** At rest there is neither cipher text nor key: only what was in it, wrapped. */
function readReversible(stored: string, side: SideInput): Read {
  const isOpened = stored === BLANK;
  const password = isOpened ? randomBytes(32) : passwordOf(stored, side);
  if (!password?.length) return malformed;
  const { charsets, trim } = side;
  return {
    cost: 1,
    expected: digest('sha256', password),
    compute: ({ bytes }) => digest('sha256', bytes),
    blank: BLANK,
    blankSide: { ...(charsets && { charsets }), ...(trim !== undefined && { trim }) },
  };
}

export const REVERSIBLE_ROWS = [
  scheme({
    id: 'reversible',
    family: 'plain',
    shape: undefined,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'whole blocks, the key as long as the cipher asks; opened and wrapped at import, never stored as it comes',
    note: `passwords under a key (pepper) and a cipher (algorithm): ${[...CIPHERS.keys()].join(', ')}; IV = salt, else in front; variant membership: ASP.NET PasswordFormat=2. An incident to report`,
    needs: ['algorithm', 'pepper'],
    read: readReversible,
  }),
] as const;
