import { ARGON2_ROWS } from './families/argon2.ts';
import { ASPNET_ROWS } from './families/aspnet-identity.ts';
import { BCRYPT_ROWS } from './families/bcrypt.ts';
import { CRAM_MD5_ROWS } from './families/cram-md5.ts';
import { CRYPT_DES_ROWS } from './families/crypt-des.ts';
import { CRYPT_MD5_ROWS } from './families/crypt-md5.ts';
import { CRYPT_SHA_ROWS } from './families/crypt-sha.ts';
import { DATABASE_DIGEST_ROWS } from './families/database-digests.ts';
import { CRYPT_SUN_MD5_ROWS } from './families/crypt-sun-md5.ts';
import { CRYPT_YESCRYPT_ROWS } from './families/crypt-yescrypt.ts';
import { FIREBASE_ROWS } from './families/firebase.ts';
import { FRAMEWORK_DIGEST_ROWS } from './families/framework-digests.ts';
import { FRAMEWORK_PBKDF2_ROWS } from './families/pbkdf2-framework.ts';
import { ITERATED_ROWS } from './families/iterated.ts';
import { KERBEROS_ROWS } from './families/kerberos.ts';
import { KEYCLOAK_ROWS } from './families/keycloak.ts';
import { LDAP_DIGEST_ROWS } from './families/ldap-digests.ts';
import { LOTUS_ROWS } from './families/lotus.ts';
import { DES_ROWS } from './families/mainframe.ts';
import { MYSQL_ROWS } from './families/mysql.ts';
import { PHPASS_ROWS } from './families/phpass.ts';
import { PLAIN_DIGEST_ROWS } from './families/plain-digests.ts';
import { PLAIN_TEXT_ROWS } from './families/plain-text.ts';
import { PREFIX_ROWS } from './families/prefixes.ts';
import { PRODUCT_DIGEST_ROWS } from './families/product-digests.ts';
import { PRODUCT_PBKDF2_ROWS } from './families/pbkdf2-product.ts';
import { PROGRESS_ROWS } from './families/progress.ts';
import { RACF_KDFAES_ROWS } from './families/racf-kdfaes.ts';
import { REVERSIBLE_ROWS } from './families/reversible.ts';
import { SAP_ROWS } from './families/sap.ts';
import { SCRAM_ROWS } from './families/scram.ts';
import { SCRYPT_ROWS } from './families/scrypt.ts';
import type { SchemeRow } from './scheme.ts';

/**
 * Every old password format that is understood, in the order in which a value of unknown scheme is shown to them:
 * the strong ones that name themselves first, what is ambiguous last, what cannot be told by its shape never.
 */
const ROWS = [
  ...ARGON2_ROWS,
  ...BCRYPT_ROWS,
  ...SCRYPT_ROWS,
  ...CRYPT_YESCRYPT_ROWS,
  ...FIREBASE_ROWS,
  ...FRAMEWORK_PBKDF2_ROWS,
  ...PRODUCT_PBKDF2_ROWS,
  ...ASPNET_ROWS,
  ...KEYCLOAK_ROWS,
  ...KERBEROS_ROWS,
  ...SCRAM_ROWS,
  ...CRYPT_SHA_ROWS,
  ...CRYPT_MD5_ROWS,
  ...CRYPT_SUN_MD5_ROWS,
  ...PHPASS_ROWS,
  ...ITERATED_ROWS,
  ...LDAP_DIGEST_ROWS,
  ...FRAMEWORK_DIGEST_ROWS,
  ...PRODUCT_DIGEST_ROWS,
  ...DATABASE_DIGEST_ROWS,
  ...MYSQL_ROWS,
  ...PROGRESS_ROWS,
  ...RACF_KDFAES_ROWS,
  ...DES_ROWS,
  ...LOTUS_ROWS,
  ...SAP_ROWS,
  ...CRAM_MD5_ROWS,
  ...PREFIX_ROWS,
  ...CRYPT_DES_ROWS,
  ...PLAIN_DIGEST_ROWS,
  ...PLAIN_TEXT_ROWS,
  ...REVERSIBLE_ROWS,
] as const;

/** Schemes of the registry, and `wrapped`: argon2id over the digest of a weak one. */
export type LegacyScheme = (typeof ROWS)[number]['id'] | 'wrapped';

export const REGISTRY: readonly SchemeRow<Exclude<LegacyScheme, 'wrapped'>>[] = ROWS;

const BY_ID = new Map<string, SchemeRow<Exclude<LegacyScheme, 'wrapped'>>>(REGISTRY.map((row) => [row.id, row]));

export const schemeRow = (id: string): SchemeRow<Exclude<LegacyScheme, 'wrapped'>> | undefined => BY_ID.get(id);

/** Whether a text from a database or a file names a scheme. */
export const isLegacyScheme = (id: string | undefined): id is LegacyScheme =>
  id !== undefined && (id === 'wrapped' || BY_ID.has(id));
