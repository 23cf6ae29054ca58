import { inClass } from '../cost-units.ts';
import { type CostClass, type Read, type SchemeRow, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { ARGON2_ROWS } from './argon2.ts';
import { BCRYPT_ROWS } from './bcrypt.ts';
import { CRYPT_DES_ROWS } from './crypt-des.ts';
import { CRYPT_MD5_ROWS } from './crypt-md5.ts';
import { CRYPT_SHA_ROWS } from './crypt-sha.ts';
import { CRYPT_SUN_MD5_ROWS } from './crypt-sun-md5.ts';
import { CRYPT_YESCRYPT_ROWS } from './crypt-yescrypt.ts';
import { FRAMEWORK_DIGEST_ROWS } from './framework-digests.ts';
import { FRAMEWORK_PBKDF2_ROWS } from './pbkdf2-framework.ts';
import { LDAP_DIGEST_ROWS } from './ldap-digests.ts';
import { PHPASS_ROWS } from './phpass.ts';
import { PLAIN_TEXT_ROWS } from './plain-text.ts';
import { PRODUCT_PBKDF2_ROWS } from './pbkdf2-product.ts';
import { DATABASE_DIGEST_ROWS } from './database-digests.ts';
import { PLAIN_DIGEST_ROWS } from './plain-digests.ts';
import { SCRAM_ROWS } from './scram.ts';
import { SCRYPT_ROWS } from './scrypt.ts';

interface Prefixed {
  readonly prefix: string;
  readonly rest: string;
  readonly side: SideInput;
}

/** Reads what stands behind a prefix, and blanks it there. */
function behind({ prefix, rest, side }: Prefixed, rows: readonly SchemeRow[], costClass: CostClass): Read {
  for (const row of rows) {
    if (!row.shape?.test(rest)) continue;
    const read = inClass(row.read(rest, side), row.costClass, costClass);
    if ('problem' in read || read.blank === undefined) return read;
    return { ...read, blank: prefix + read.blank };
  }
  return malformed;
}

const CRYPT_ROWS: readonly SchemeRow[] = [
  ...BCRYPT_ROWS,
  ...CRYPT_SHA_ROWS,
  ...CRYPT_YESCRYPT_ROWS,
  ...CRYPT_MD5_ROWS,
  ...CRYPT_SUN_MD5_ROWS,
  ...PHPASS_ROWS,
  ...SCRYPT_ROWS,
  ...CRYPT_DES_ROWS,
];

const readBehind =
  (form: RegExp, rows: readonly SchemeRow[], costClass: CostClass) =>
  (stored: string, side: SideInput): Read => {
    const prefix = form.exec(stored)?.[0];
    return prefix === undefined
      ? malformed
      : behind({ prefix, rest: stored.slice(prefix.length), side }, rows, costClass);
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
  if (DOVECOT_CRYPT.test(stored)) return readBehind(DOVECOT_CRYPT, CRYPT_ROWS, 'fast')(stored, side);
  return behind({ prefix: '', rest: stored, side }, DOVECOT_ROWS, 'fast');
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
  if (!parts || !read || 'problem' in read) return read ?? malformed;
  const priced = inClass(read, parts.costClass, 'fast');
  if ('problem' in priced || read.blank === undefined) return priced;
  return { ...priced, blank: `{PBKDF2}$1$${groups['salt']}$${iterations}$${'0'.repeat(40)}` };
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
    read: readBehind(/^\{CRYPT\}/i, CRYPT_ROWS, 'sha512-rounds'),
  }),
  scheme({
    ...common,
    id: 'django-crypt',
    shape: /^crypt\$[./0-9A-Za-z]{0,32}\$/,
    costClass: 'des-passes',
    commonCost: 25,
    note: 'Django crypt$$',
    sees: 8,
    read: readBehind(/^crypt\$[./0-9A-Za-z]{0,32}\$/, CRYPT_ROWS, 'des-passes'),
  }),
  scheme({
    ...common,
    id: 'shiro2',
    shape: /^\$shiro2\$/,
    costClass: 'argon2',
    commonCost: 196_608,
    note: 'Apache Shiro 2: argon2 or bcrypt',
    read: readBehind(/^\$shiro2(?=\$)/, [...ARGON2_ROWS, ...BCRYPT_ROWS], 'argon2'),
  }),
  scheme({
    ...common,
    id: 'spring-prefixed',
    shape: /^\{(?:bcrypt|argon2(?:@[\w.]+)?|pbkdf2(?:@[\w.]+)?|scrypt(?:@[\w.]+)?|sha256|ldap|noop)\}/,
    costClass: 'bcrypt',
    commonCost: 10,
    note: 'Spring {id}: bcrypt, argon2, pbkdf2, scrypt, sha256, ldap, noop',
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

const SPRING_BARE: readonly SchemeRow[] = [
  ...BCRYPT_ROWS,
  ...ARGON2_ROWS,
  ...LDAP_DIGEST_ROWS,
  ...FRAMEWORK_PBKDF2_ROWS,
];
const SPRING_WHOLE: readonly SchemeRow[] = [...SCRYPT_ROWS, ...PLAIN_TEXT_ROWS, ...FRAMEWORK_DIGEST_ROWS];

function readSpring(stored: string, side: SideInput): Read {
  const name = /^\{(\w+)/.exec(stored)?.[1] ?? '';
  const pbkdf2 = PRODUCT_PBKDF2_ROWS.find(({ id }) => id === 'spring-pbkdf2');
  if (name === 'pbkdf2') return pbkdf2 ? inClass(pbkdf2.read(stored, side), pbkdf2.costClass, 'bcrypt') : malformed;
  if (['scrypt', 'noop', 'sha256'].includes(name))
    return behind({ prefix: '', rest: stored, side }, SPRING_WHOLE, 'bcrypt');
  return readBehind(/^\{[\w@.]+\}/, SPRING_BARE, 'bcrypt')(stored, side);
}
