import { type DigestName, digestBytes, isDigestName } from '../primitives/digests.ts';
import { type Read, type SchemeRow, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { type DigestForm, readDigestForms } from './digest-form.ts';
import { bare, digests } from './digest-rows.ts';

const hexRow = <const Id extends string>(id: Id, name: DigestName): SchemeRow<Id> => {
  const digits = digestBytes(name) * 2;
  return digests({
    id,
    family: 'digest',
    forms: [bare(digits, `${name}(pass)`)],
    note: 'an unsalted digest in hex, either case (forms authentication, Drupal 6, home-made)',
  });
};

const ANY: readonly Pick<DigestForm, 'form' | 'digest'>[] = [
  { form: /^(?<digest>[0-9a-f]{16,256}):(?<salt>[^\n]+)$/i },
  { form: /^(?<digest>[A-Za-z0-9+/]{11,344}={0,2})$/ },
];

/** The form follows from what stands beside: with a salt beside it, a colon is no separator. */
function readExpression(stored: string, side: SideInput): Read {
  const recipe = side.expr;
  if (recipe === undefined) return malformed;
  const forms = side.salt === undefined ? ANY : ANY.slice(1);
  return readDigestForms(
    forms.map((form) => ({ ...form, recipe })),
    stored,
    side,
  );
}

const SPRING =
  /^(?:\{(?<name>MD4|MD5|SHA-1|SHA-256|SHA-384|SHA-512)\})?\{(?<salt>[^{}]{1,128})\}(?<digest>[0-9a-f]+)$/i;
const BY_DIGITS: Record<number, DigestName> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

function readSpring(stored: string, side: SideInput): Read {
  const groups = SPRING.exec(stored)?.groups;
  if (!groups) return malformed;
  const named = (groups['name'] ?? side.algorithm)?.toLowerCase().replace('-', '');
  const name = named ?? BY_DIGITS[groups['digest']?.length ?? 0];
  if (!isDigestName(name)) return malformed;
  const recipe = `iterate(rounds, pass."{".salt."}", ${name}(raw(prev)))`;
  return readDigestForms([{ form: SPRING, recipe, digest: 'hex' }], stored, side);
}

export const PLAIN_DIGEST_ROWS = [
  scheme({
    id: 'digest-expr',
    family: 'digest',
    shape: undefined,
    costClass: 'sha256-rounds',
    commonCost: 1,
    bounds: 'recipe ≤ 512 characters, ≤ 64 parts, ≤ 12 deep, ≤ 200,000 digest calls; result ≥ 16 characters',
    note: 'any salted or repeated digest, by a recipe that the source states',
    needs: ['expr'],
    read: readExpression,
  }),
  hexRow('hex-md4', 'md4'),
  hexRow('hex-md5', 'md5'),
  hexRow('hex-ripemd160', 'ripemd160'),
  hexRow('hex-sha1', 'sha1'),
  hexRow('hex-sha224', 'sha224'),
  hexRow('hex-sha256', 'sha256'),
  hexRow('hex-sha384', 'sha384'),
  hexRow('hex-sha512', 'sha512'),
  hexRow('hex-whirlpool', 'whirlpool'),
  scheme({
    id: 'spring-message-digest',
    family: 'digest',
    shape: SPRING,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'digest whole, iterations ≤ 200,000',
    note: 'Spring MessageDigestPasswordEncoder {salt}hex, digest over pass{salt}, then over itself',
    read: readSpring,
  }),
] as const;
