import { saltedDes, saltedDesInSteps } from '../primitives/des-crypt.ts';
import { crypt64Digit, crypt64Big } from '../primitives/encodings.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';

const NOTHING = Buffer.alloc(8);
const PASSES = 25;
/** Each is half a million steps of bits; the usual number is 5,001 or fewer. */
const MAX_BSDI_PASSES = 20_000;

/** Seven bits of each of eight characters, one place up. */
const keyOf = (password: Buffer): Buffer => {
  const key = Buffer.alloc(8);
  for (let index = 0; index < 8; index += 1) key[index] = ((password[index] ?? 0) << 1) & 0xff;
  return key;
};

const number = (digits: string): number =>
  Array.from(digits).reduceRight((sum, digit) => sum * 64 + crypt64Digit(digit), 0);

function desCrypt(password: Buffer, salt: string, passes = PASSES): string {
  return crypt64Big(saltedDes(NOTHING, { key: keyOf(password), salt: number(salt), passes }));
}

/** A C string: what is behind a NUL was never hashed, and is refused here instead. */
const hasNul = (bytes: Buffer): boolean => bytes.includes(0);

function readDes(stored: string): Read {
  const match = /^([./0-9A-Za-z]{2})([./0-9A-Za-z]{11})$/.exec(stored);
  if (!match) return malformed;
  const [, salt = '', text = ''] = match;
  return {
    cost: PASSES,
    expected: Buffer.from(text),
    compute: ({ bytes }) => (hasNul(bytes) ? undefined : Buffer.from(desCrypt(bytes, salt))),
    blank: salt + '.'.repeat(11),
  };
}

/** DES-crypt of each eight characters; the salt of the next is the beginning of the digest before. */
function bigcrypt(password: Buffer, salt: string): string {
  let text = '';
  let grain = salt;
  for (let at = 0; at === 0 || at < Math.min(password.length, 128); at += 8) {
    const part = desCrypt(password.subarray(at, at + 8), grain);
    text += part;
    grain = part.slice(0, 2);
  }
  return text;
}

const CRYPT16_PASSES = [20, 5] as const;

/** Twice eight characters with the same salt: the first in fewer passes than crypt(3) takes, the second in hardly any. */
function crypt16(password: Buffer, salt: string): string {
  const halves = [password.subarray(0, 8), password.subarray(8, 16)];
  return halves.map((half, index) => desCrypt(half, salt, CRYPT16_PASSES[index])).join('');
}

function readCrypt16(stored: string): Read {
  const [, salt = '', text = ''] = /^([./0-9A-Za-z]{2})([./0-9A-Za-z]{22})$/.exec(stored) ?? [];
  if (text === '') return malformed;
  return {
    cost: PASSES,
    expected: Buffer.from(text),
    compute: ({ bytes }) => (hasNul(bytes) ? undefined : Buffer.from(crypt16(bytes, salt))),
    blank: salt + '.'.repeat(22),
  };
}

function readBigcrypt(stored: string): Read {
  const match = /^([./0-9A-Za-z]{2})((?:[./0-9A-Za-z]{11}){1,16})$/.exec(stored);
  if (!match) return malformed;
  const [, salt = '', text = ''] = match;
  return {
    cost: (PASSES * text.length) / 11,
    expected: Buffer.from(text),
    compute: ({ bytes }) => (hasNul(bytes) ? undefined : Buffer.from(bigcrypt(bytes, salt))),
    blank: salt + '.'.repeat(text.length),
  };
}

/** The first eight characters make the key; each eight more are xored into it, encrypted by itself. */
function bsdiKey(password: Buffer): Buffer {
  let key = keyOf(password.subarray(0, 8));
  for (let at = 8; at < password.length; at += 8) {
    const more = keyOf(password.subarray(at, at + 8));
    key = Buffer.from(saltedDes(key, { key, salt: 0, passes: 1 }).map((byte, index) => byte ^ (more[index] ?? 0)));
  }
  return key;
}

function readBsdi(stored: string): Read {
  const match = /^_([./0-9A-Za-z]{4})([./0-9A-Za-z]{4})([./0-9A-Za-z]{11})$/.exec(stored);
  if (!match) return malformed;
  const [, count = '', grain = '', text = ''] = match;
  const passes = number(count);
  if (passes < 1) return malformed;
  if (passes > MAX_BSDI_PASSES) return tooCostly;
  return {
    cost: passes,
    expected: Buffer.from(text),
    async compute({ bytes }) {
      if (hasNul(bytes)) return undefined;
      const block = await saltedDesInSteps(NOTHING, { key: bsdiKey(bytes), salt: number(grain), passes });
      return Buffer.from(crypt64Big(block));
    },
    blank: `_${count}${grain}${'.'.repeat(11)}`,
  };
}

export const CRYPT_DES_ROWS = [
  scheme({
    id: 'des-crypt',
    explicit: true,
    family: 'crypt',
    shape: /^[./0-9A-Za-z]{13}$/,
    costClass: 'des-passes',
    commonCost: PASSES,
    bounds: 'fixed; NUL is refused',
    note: 'traditional crypt(3): eight characters of seven bits',
    sees: 8,
    read: readDes,
  }),
  scheme({
    id: 'bsdi-crypt',
    family: 'crypt',
    shape: /^_[./0-9A-Za-z]{19}$/,
    costClass: 'des-passes',
    commonCost: 725,
    bounds: 'passes ≤ 20,000; NUL is refused',
    note: 'BSDi extended DES',
    maxPasswordBytes: 256,
    read: readBsdi,
  }),
  scheme({
    id: 'bigcrypt',
    family: 'crypt',
    shape: undefined,
    costClass: 'des-passes',
    commonCost: 50,
    bounds: 'up to 128 characters; NUL is refused',
    note: 'HP-UX and Tru64',
    read: readBigcrypt,
  }),
  scheme({
    id: 'crypt16',
    family: 'crypt',
    shape: undefined,
    costClass: 'des-passes',
    commonCost: PASSES,
    bounds: 'fixed; NUL is refused',
    note: 'Ultrix and Tru64: sixteen characters, each eight guessed alone; as long as a bigcrypt of two parts',
    sees: 16,
    read: readCrypt16,
  }),
] as const;
