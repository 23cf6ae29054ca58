import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ParsedHash, Verifier } from './verifier.ts';

const DIGEST_BYTES = 64;
const LDAP = /^\{SSHA512\}([A-Za-z0-9+/]{86,}={0,2})$/i;
const COLUMNS = /^sha512-(ps|sp)\$([^\n]*)\$([0-9a-f]{128})$/i;

interface Parts {
  readonly order: 'password-salt' | 'salt-password';
  readonly salt: Buffer;
  readonly expected: Buffer;
}

/**
 * One salted SHA-512. LDAP's `{SSHA512}base64(digest‖salt)`; and for exports with a salt column
 * `sha512-ps$salt$hex` = SHA-512(password‖salt), `sha512-sp$salt$hex` = SHA-512(salt‖password), the salt as text.
 * Cost is always 1: it stays sealed until its first use, and is gone then.
 */
export const saltedSha512Verifier: Verifier = {
  scheme: 'salted-sha512',
  commonCost: 1,

  parse(encoded): ParsedHash {
    if (!/^(?:\{SSHA512\}|sha512-(?:ps|sp)\$)/i.test(encoded)) return { mine: false };
    return split(encoded) ? { mine: true, cost: 1 } : { mine: true, problem: 'malformed' };
  },

  verify(encoded, password) {
    const parts = split(encoded);
    if (!parts) return Promise.resolve(false);
    const bytes = Buffer.from(password);
    const input = parts.order === 'password-salt' ? [bytes, parts.salt] : [parts.salt, bytes];
    const actual = createHash('sha512').update(Buffer.concat(input)).digest();
    return Promise.resolve(timingSafeEqual(actual, parts.expected));
  },

  decoy: () => `{SSHA512}${randomBytes(DIGEST_BYTES + 8).toString('base64')}`,

  truncates: () => false,
};

/** Puts a digest and its salt from two columns into one string. @param digest 128 hex digits */
export function encodeSaltedSha512(order: Parts['order'], salt: string, digest: string): string {
  return `sha512-${order === 'password-salt' ? 'ps' : 'sp'}$${salt}$${digest.trim().toLowerCase()}`;
}

function split(encoded: string): Parts | undefined {
  const ldap = LDAP.exec(encoded);
  if (ldap) {
    const bytes = Buffer.from(ldap[1] ?? '', 'base64');
    if (bytes.length <= DIGEST_BYTES) return undefined;
    return { order: 'password-salt', salt: bytes.subarray(DIGEST_BYTES), expected: bytes.subarray(0, DIGEST_BYTES) };
  }
  const columns = COLUMNS.exec(encoded);
  if (!columns || columns[2] === '') return undefined;
  return {
    order: columns[1]?.toLowerCase() === 'ps' ? 'password-salt' : 'salt-password',
    salt: Buffer.from(columns[2] ?? ''),
    expected: Buffer.from(columns[3] ?? '', 'hex'),
  };
}
