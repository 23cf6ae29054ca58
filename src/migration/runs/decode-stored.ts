import type { PasswordFormat } from '../sources/password-format.ts';

const XOR_PREFIX = /^\{xor\}/i;
const MASK = 0x5f;

/** What a store that can be read back holds in clear (M07). Undefined: it is not in that writing. */
export function decodeStored(value: string, decode: PasswordFormat['decode']): string | undefined {
  if (decode === undefined) return value;
  const bytes = decode === 'hex' ? fromHex(value) : fromBase64(value.replace(XOR_PREFIX, ''));
  if (!bytes || bytes.length === 0) return undefined;
  const clear = decode === 'websphere-xor' ? bytes.map((byte) => byte ^ MASK) : bytes;
  const text = Buffer.from(clear).toString();
  return Buffer.from(text).equals(Buffer.from(clear)) ? text : undefined;
}

const fromHex = (value: string): Buffer | undefined =>
  /^(?:[0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : undefined;

const fromBase64 = (value: string): Buffer | undefined =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value, 'base64') : undefined;
