import { createCipheriv } from 'node:crypto';
import { fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import { pbkdf2Reading } from './pbkdf2-reading.ts';

/** The word "kerberos", folded to one block as RFC 3961 folds. */
const KERBEROS = Buffer.from('6b65726265726f737b9b5b2b93132b93', 'hex');

/** The key that RFC 3962 makes of PBKDF2's: blocks of AES under it, each over the one before. */
function derivedKey(key: Buffer): Buffer {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-ecb' : 'aes-256-ecb', key, null).setAutoPadding(false);
  const blocks = [cipher.update(KERBEROS)];
  if (key.length > 16) blocks.push(cipher.update(blocks[0] ?? KERBEROS));
  return Buffer.concat(blocks);
}

const FORM = /^\$krb5db\$(?<kind>17|18)\$(?<user>[^$\n]{1,256})\$(?<realm>[^$\n]{1,256})\$(?<digest>[0-9a-f]{32,64})$/i;
const ITERATIONS = 4096;

/** The salt is realm and name; a name of several parts comes without its slashes. */
function readKerberos(stored: string): Read {
  const groups = FORM.exec(stored)?.groups;
  if (!groups) return malformed;
  const { kind, user = '', realm = '', digest: text = '' } = groups;
  const bytes = kind === '17' ? 16 : 32;
  return pbkdf2Reading({
    digest: 'sha1',
    iterations: ITERATIONS,
    salt: realm + user.replaceAll('/', ''),
    expected: fromHex(text, bytes),
    keyBytes: bytes,
    finish: derivedKey,
    blank: stored.slice(0, -text.length) + '0'.repeat(text.length),
  });
}

export const KERBEROS_ROWS = [
  scheme({
    id: 'kerberos-aes',
    family: 'microsoft',
    shape: /^\$krb5db\$1[78]\$/,
    costClass: 'pbkdf2-sha1',
    commonCost: 2 * ITERATIONS,
    bounds: 'iterations fixed at 4,096; key whole',
    note: 'Kerberos keys of AES, from a krb5 or Active Directory dump: as good as the password for whoever reads them',
    read: readKerberos,
  }),
] as const;
