import type { DigestName } from '../primitives/digests.ts';
import { digestBytes } from '../primitives/digests.ts';
import { type SchemeRow, scheme } from '../scheme.ts';
import { type DigestForm, readDigestForms } from './digest-form.ts';

const BASE64 = '[A-Za-z0-9+/]+={0,2}';

/** LDAP `userPassword` and its relations; the prefix in any case (kanidm#3457). */
function ldapRow<const Id extends string>(id: Id, prefixes: string, name: DigestName, salted: boolean): SchemeRow<Id> {
  const start = `^\\{(?:${prefixes})\\}`;
  const hex = digestBytes(name) * 2;
  const forms: DigestForm[] = salted
    ? [{ form: new RegExp(`${start}(?<blob>${BASE64})$`, 'i'), recipe: `${name}(pass.salt)`, blob: 'digest-salt' }]
    : [
        { form: new RegExp(`${start}(?<digest>[0-9a-f]{${hex}})$`, 'i'), recipe: `${name}(pass)`, digest: 'hex' },
        { form: new RegExp(`${start}(?<digest>${BASE64})$`, 'i'), recipe: `${name}(pass)`, digest: 'base64' },
      ];
  return {
    id,
    family: 'ldap',
    shape: new RegExp(`${start}${BASE64}$`, 'i'),
    costClass: 'fast',
    commonCost: 1,
    bounds: salted ? 'digest whole, salt at least one byte' : 'digest whole',
    note: `${salted ? 'salted ' : ''}${name} of LDAP; hex where Spring and Dovecot write it`,
    read: (stored, side) => readDigestForms(forms, stored, side),
  };
}

const SALTED_SHA512: readonly DigestForm[] = [
  { form: /^\{SSHA512\}(?<blob>[A-Za-z0-9+/]+={0,2})$/i, recipe: 'sha512(pass.salt)', blob: 'digest-salt' },
  { form: /^sha512-ps\$(?<salt>[^\n]*)\$(?<digest>[0-9a-f]{128})$/i, recipe: 'sha512(pass.salt)', digest: 'hex' },
  { form: /^sha512-sp\$(?<salt>[^\n]*)\$(?<digest>[0-9a-f]{128})$/i, recipe: 'sha512(salt.pass)', digest: 'hex' },
];

const ISSHA: readonly DigestForm[] = (['sha1', 'sha256', 'sha384', 'sha512'] as const).map((name) => ({
  form: new RegExp(`^\\{x-is${name.replace('sha1', 'sha')}, ?(?<rounds>[1-9]\\d{0,6})\\}(?<blob>${BASE64})$`, 'i'),
  recipe: `iterate(rounds, salt, ${name}(pass.raw(prev)))`,
  blob: 'digest-salt',
}));

export const LDAP_DIGEST_ROWS = [
  scheme({
    id: 'salted-sha512',
    family: 'ldap',
    shape: /^(?:\{SSHA512\}|sha512-(?:ps|sp)\$)/i,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'digest whole, salt at least one byte',
    note: 'LDAP {SSHA512}; sha512-ps$salt$hex and sha512-sp$salt$hex for exports with a salt column',
    read: (stored, side) => readDigestForms(SALTED_SHA512, stored, side),
  }),
  ldapRow('ldap-md5', 'MD5|LDAP-MD5|PLAIN-MD5', 'md5', false),
  ldapRow('ldap-md4', 'MD4|PLAIN-MD4', 'md4', false),
  ldapRow('ldap-sha1', 'SHA|SHA1|SHA-1', 'sha1', false),
  ldapRow('ldap-sha256', 'SHA256|SHA-256', 'sha256', false),
  ldapRow('ldap-sha384', 'SHA384|SHA-384', 'sha384', false),
  ldapRow('ldap-sha512', 'SHA512|SHA-512', 'sha512', false),
  ldapRow('ldap-salted-md5', 'SMD5', 'md5', true),
  ldapRow('ldap-salted-sha1', 'SSHA|SSHA1', 'sha1', true),
  ldapRow('ldap-salted-sha256', 'SSHA256', 'sha256', true),
  ldapRow('ldap-salted-sha384', 'SSHA384', 'sha384', true),
  scheme({
    id: 'sap-codvn-h',
    family: 'ldap',
    shape: /^\{x-issha(?:256|384|512)?, ?\d+\}/i,
    costClass: 'sha1-rounds',
    commonCost: 1024,
    bounds: 'rounds ≤ 200,000',
    note: 'SAP CODVN H: {x-issha, n} and its SHA-2 relations',
    read: (stored, side) => readDigestForms(ISSHA, stored, side),
  }),
] as const;
