import { type Read, type SchemeRow, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { ARGON2_ROWS } from './argon2.ts';
import { BCRYPT_ROWS } from './bcrypt.ts';
import { CRYPT_DES_ROWS } from './crypt-des.ts';
import { CRYPT_MD5_ROWS } from './crypt-md5.ts';
import { CRYPT_SHA_ROWS } from './crypt-sha.ts';
import { FRAMEWORK_PBKDF2_ROWS } from './pbkdf2-framework.ts';
import { LDAP_DIGEST_ROWS } from './ldap-digests.ts';
import { PHPASS_ROWS } from './phpass.ts';
import { PLAIN_TEXT_ROWS } from './plain-text.ts';
import { PRODUCT_PBKDF2_ROWS } from './pbkdf2-product.ts';
import { DATABASE_DIGEST_ROWS } from './database-digests.ts';
import { PLAIN_DIGEST_ROWS } from './plain-digests.ts';
import { SCRAM_ROWS } from './scram.ts';
import { SCRYPT_ROWS } from './scrypt.ts';

/** Reads what stands behind a prefix, and blanks it there. */
function behind(prefix: string, rest: string, rows: readonly SchemeRow[], side: SideInput): Read {
  for (const row of rows) {
    if (!row.shape?.test(rest)) continue;
    const read = row.read(rest, side);
    if ('problem' in read || read.blank === undefined) return read;
    return { ...read, blank: prefix + read.blank };
  }
  return malformed;
}

const CRYPT_ROWS: readonly SchemeRow[] = [
  ...BCRYPT_ROWS,
  ...CRYPT_SHA_ROWS,
  ...CRYPT_MD5_ROWS,
  ...PHPASS_ROWS,
  ...SCRYPT_ROWS,
  ...CRYPT_DES_ROWS,
];

function split(stored: string, form: RegExp): readonly [prefix: string, rest: string] | undefined {
  const match = form.exec(stored);
  return match ? [match[0], stored.slice(match[0].length)] : undefined;
}

const readBehind =
  (form: RegExp, rows: readonly SchemeRow[]) =>
  (stored: string, side: SideInput): Read => {
    const parts = split(stored, form);
    return parts ? behind(parts[0], parts[1], rows, side) : malformed;
  };

const DOVECOT_CRYPT =
  /^\{(?:CRYPT|MD5-CRYPT|SHA256-CRYPT|SHA512-CRYPT|DES-CRYPT|BLF-CRYPT|MD5)\}(?=\$|_|[./0-9A-Za-z]{13}$)/i;
const DOVECOT_ROWS: readonly SchemeRow[] = [
  ...PLAIN_TEXT_ROWS,
  ...ARGON2_ROWS,
  ...SCRAM_ROWS,
  ...LDAP_DIGEST_ROWS,
  ...DATABASE_DIGEST_ROWS,
];
const DOVECOT_PBKDF2 = /^\{PBKDF2\}\$1\$(?<salt>[^$]{1,64})\$(?<rounds>[1-9]\d{0,6})\$(?<digest>[0-9a-f]{40})$/i;
const EXPRESSION = PLAIN_DIGEST_ROWS[0];

/** Dovecot's passdb: a prefix for each scheme, LDAP's among them. */
function readDovecot(stored: string, side: SideInput): Read {
  const pbkdf2 = DOVECOT_PBKDF2.exec(stored)?.groups;
  if (pbkdf2) return readDovecotPbkdf2(pbkdf2, side);
  const digest = /^\{DIGEST-MD5\}([0-9a-f]{32})$/i.exec(stored)?.[1];
  if (digest !== undefined) return readDigestMd5(digest, side);
  if (DOVECOT_CRYPT.test(stored)) return readBehind(DOVECOT_CRYPT, CRYPT_ROWS)(stored, side);
  return behind('', stored, DOVECOT_ROWS, side);
}

function readDovecotPbkdf2(groups: Partial<Record<string, string>>, side: SideInput): Read {
  const parts = PRODUCT_PBKDF2_ROWS.find(({ id }) => id === 'pbkdf2-parts');
  const iterations = Number(groups['rounds']);
  const read = parts?.read(groups['digest'] ?? '', {
    ...side,
    algorithm: 'sha1',
    iterations,
    salt: groups['salt'] ?? '',
    saltEncoding: 'text',
    encoding: 'hex',
  });
  if (!read || 'problem' in read || read.blank === undefined) return read ?? malformed;
  return { ...read, blank: `{PBKDF2}$1$${groups['salt']}$${iterations}$${'0'.repeat(40)}` };
}

/** The user name may carry its realm. */
function readDigestMd5(digest: string, side: SideInput): Read {
  const [user, realm = side.realm ?? ''] = (side.user ?? '').split('@');
  const expr = 'md5(user.":".realm.":".pass)';
  const read = EXPRESSION.read(digest, { ...side, user: user ?? '', realm, expr, encoding: 'hex' });
  if ('problem' in read) return read;
  return { ...read, blank: `{DIGEST-MD5}${'0'.repeat(32)}` };
}

const common = {
  family: 'prefix',
  costClass: 'fast',
  commonCost: 1,
  bounds: 'as what stands behind the prefix',
} as const;

export const PREFIX_ROWS = [
  scheme({
    ...common,
    id: 'ldap-crypt',
    shape: /^\{CRYPT\}/i,
    costClass: 'sha512-rounds',
    commonCost: 5000,
    note: 'LDAP {CRYPT}, in any case: any crypt(3) form',
    maxPasswordBytes: 256,
    read: readBehind(/^\{CRYPT\}/i, CRYPT_ROWS),
  }),
  scheme({
    ...common,
    id: 'django-crypt',
    shape: /^crypt\$[./0-9A-Za-z]{0,32}\$/,
    costClass: 'des-passes',
    commonCost: 25,
    note: 'Django crypt$$',
    sees: 8,
    read: readBehind(/^crypt\$[./0-9A-Za-z]{0,32}\$/, CRYPT_ROWS),
  }),
  scheme({
    ...common,
    id: 'shiro2',
    shape: /^\$shiro2\$/,
    costClass: 'argon2',
    commonCost: 196_608,
    note: 'Apache Shiro 2: argon2 or bcrypt',
    read(stored, side) {
      const rest = /^\$shiro2(\$.*)$/.exec(stored)?.[1];
      return rest === undefined ? malformed : behind('$shiro2', rest, [...ARGON2_ROWS, ...BCRYPT_ROWS], side);
    },
  }),
  scheme({
    ...common,
    id: 'spring-prefixed',
    shape: /^\{(?:bcrypt|argon2(?:@[\w.]+)?|pbkdf2(?:@[\w.]+)?|scrypt(?:@[\w.]+)?|ldap|noop)\}/,
    costClass: 'bcrypt',
    commonCost: 10,
    note: 'Spring {id}: bcrypt, argon2, pbkdf2, scrypt, ldap, noop',
    read: readSpring,
  }),
  scheme({
    ...common,
    id: 'dovecot',
    shape: /^\{(?:MD5-CRYPT|SHA256-CRYPT|SHA512-CRYPT|DES-CRYPT|BLF-CRYPT|DIGEST-MD5|PBKDF2)\}/i,
    note: 'Dovecot passdb; user = name (with its realm) for DIGEST-MD5',
    read: readDovecot,
  }),
] as const;

function readSpring(stored: string, side: SideInput): Read {
  const name = /^\{(\w+)/.exec(stored)?.[1];
  const pbkdf2 = PRODUCT_PBKDF2_ROWS.find(({ id }) => id === 'spring-pbkdf2');
  if (name === 'pbkdf2') return pbkdf2?.read(stored, side) ?? malformed;
  if (name === 'scrypt' || name === 'noop') return behind('', stored, [...SCRYPT_ROWS, ...PLAIN_TEXT_ROWS], side);
  const rows: readonly SchemeRow[] = [...BCRYPT_ROWS, ...ARGON2_ROWS, ...LDAP_DIGEST_ROWS, ...FRAMEWORK_PBKDF2_ROWS];
  return readBehind(/^\{[\w@.]+\}/, rows)(stored, side);
}
