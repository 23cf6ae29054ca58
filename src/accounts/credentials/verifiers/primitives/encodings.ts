/** Strict decoders: what is not the one canonical writing of some bytes is refused, so that no second text matches. */
export function fromHex(text: string, bytes?: number): Buffer | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  const decoded = Buffer.from(text, 'hex');
  return bytes === undefined || decoded.length === bytes ? decoded : undefined;
}

/** Standard alphabet, padded or not. */
export function fromBase64(text: string): Buffer | undefined {
  const decoded = Buffer.from(text, 'base64');
  const canonical = decoded.toString('base64');
  return canonical === text || unpadded(canonical) === text ? decoded : undefined;
}

/** URL-safe alphabet, padded or not. */
export function fromBase64Url(text: string): Buffer | undefined {
  if (/[+/]/.test(text)) return undefined;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/** passlib's base64: `.` for `+`, never padded. */
export function fromAb64(text: string): Buffer | undefined {
  return /[+=]/.test(text) ? undefined : fromBase64(text.replaceAll('.', '+'));
}

export const unpadded = (text: string): string => text.replace(/=+$/, '');

const CRYPT64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BCRYPT64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Value of one digit of crypt(3)'s alphabet; -1 for anything else. */
export const crypt64Digit = (digit: string | undefined): number =>
  digit === undefined || digit === '' ? -1 : CRYPT64.indexOf(digit);

/** crypt(3)'s number: `digits` digits, the lowest first. */
export function crypt64Number(value: number, digits: number): string {
  let text = '';
  for (let left = value, index = 0; index < digits; index += 1, left >>>= 6) text += CRYPT64[left & 63];
  return text;
}

/** Three bytes at a time, the first lowest: phpass, `$7$`. */
export function crypt64Little(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    text += crypt64Number((group[0] ?? 0) | ((group[1] ?? 0) << 8) | ((group[2] ?? 0) << 16), group.length + 1);
  }
  return text;
}

/** Ordinary base64 order in crypt(3)'s alphabet: Cisco 8 and 9. */
export function crypt64Big(bytes: Buffer): string {
  return translate(unpadded(bytes.toString('base64')), BASE64, CRYPT64);
}

export function fromCrypt64Little(text: string): Buffer | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    const group = text.slice(at, at + 4);
    if (group.length === 1) return undefined;
    let value = 0;
    for (let index = 0; index < group.length; index += 1) value |= crypt64Digit(group[index]) << (6 * index);
    for (let index = 0; index < group.length - 1; index += 1) bytes.push((value >>> (8 * index)) & 255);
  }
  const decoded = Buffer.from(bytes);
  return crypt64Little(decoded) === text ? decoded : undefined;
}

/** bcrypt's alphabet. Spare bits are let pass: well-known libraries wrote salts with them set. */
export function fromBcrypt64(text: string): Buffer {
  return Buffer.from(translate(text, BCRYPT64, BASE64), 'base64');
}

function translate(text: string, from: string, to: string): string {
  return Array.from(text, (digit) => to[from.indexOf(digit)] ?? '').join('');
}

/** Base64 of either alphabet. */
export const anyBase64 = (text: string): Buffer | undefined => fromBase64(text) ?? fromBase64Url(text);

/** Ordinary base64 order in crypt(3)'s alphabet, read. */
export const fromCrypt64Big = (text: string): Buffer | undefined => fromBase64(translate(text, CRYPT64, BASE64));
