import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type LegacyScheme, type SideInput, isLegacyScheme } from '../../src/accounts/index.ts';

const Extra = Type.Object(
  {
    algo: Type.String(),
    asa: Type.Boolean(),
    encoding: Type.String(),
    expr: Type.String(),
    hash_bytes: Type.Integer(),
    iterations: Type.Integer(),
    key_type: Type.String(),
    mem_cost: Type.Integer(),
    n: Type.Integer(),
    note: Type.String(),
    p: Type.Integer(),
    pepper: Type.String(),
    pepper_hex: Type.String(),
    pre: Type.String(),
    r: Type.Integer(),
    realm: Type.String(),
    rounds: Type.Integer(),
    salt: Type.String(),
    salt_b64: Type.String(),
    salt_hex: Type.String(),
    salt_len: Type.Integer(),
    salt_separator: Type.String(),
    signer_key: Type.String(),
    user: Type.String(),
  },
  { additionalProperties: false },
);

const Line = Type.Object({
  scheme: Type.String(),
  encoded: Type.String(),
  password: Type.String(),
  expect: Type.Boolean(),
  tier: Type.Integer({ minimum: 1, maximum: 3 }),
  extra: Type.Optional(Type.Partial(Extra)),
  origin: Type.Optional(Type.String()),
});
type Extra = Partial<Static<typeof Extra>>;

/** One known answer of another implementation. */
export interface HashVector {
  readonly line: number;
  readonly name: string;
  readonly scheme: LegacyScheme | undefined;
  readonly stored: string;
  readonly side: SideInput;
  readonly password: string;
  readonly expect: boolean;
  readonly tier: number;
  /** Who computed it: of those that were added to the given list. */
  readonly origin: string | undefined;
}

/** Schemes that the vectors name otherwise than the registry. */
const NAMES: Partial<Record<string, LegacyScheme>> = {
  'keycloak-pbkdf2': 'keycloak',
  'ldap-salted-sha512': 'salted-sha512',
  'kratos-scrypt': 'scrypt',
};

/**
 * A frozen copy of the vectors of hashcat, John the Ripper, passlib, Django, Spring, Ory Kratos and others; behind
 * them those that were added since, each with its origin.
 */
export function hashVectors(): readonly HashVector[] {
  return ['hash-vectors', 'more-hash-vectors']
    .flatMap((name) =>
      readFileSync(new URL(`vectors/${name}.ndjson`, import.meta.url), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((json, index) => {
      const vector = Value.Parse(Line, JSON.parse(json));
      const name = vector.scheme.replaceAll('_', '-');
      return {
        line: index + 1,
        name,
        scheme: NAMES[name] ?? (isLegacyScheme(name) ? name : undefined),
        stored: vector.encoded,
        side: sideOf(vector.extra ?? {}, name),
        password: vector.password,
        expect: vector.expect,
        tier: vector.tier,
        origin: vector.origin,
      };
    });
}

function sideOf(extra: Extra, name: string): SideInput {
  return defined({
    ...saltOf(extra),
    ...encodingOf(extra),
    ...(name === 'digest-expr' && { expr: extra.expr }),
    algorithm: extra.algo ?? extra.pre,
    iterations: extra.iterations,
    keyBytes: extra.hash_bytes,
    saltBytes: extra.salt_len,
    variant: extra.key_type === 'stored' ? 'stored-key' : extra.key_type,
    pepper: extra.pepper ?? extra.pepper_hex,
    pepperEncoding: extra.pepper_hex === undefined ? undefined : 'hex',
    user: extra.user,
    realm: extra.realm,
    signerKey: extra.signer_key,
    separator: extra.salt_separator,
    n: extra.n ?? extra.mem_cost,
    r: extra.r ?? extra.rounds,
    p: extra.p,
  });
}

function saltOf({ salt, salt_b64, salt_hex }: Extra): SideInput {
  if (salt_b64 !== undefined) return { salt: salt_b64, saltEncoding: 'base64' };
  return salt_hex === undefined ? { salt } : { salt: salt_hex, saltEncoding: 'hex' };
}

function encodingOf({ encoding }: Extra): SideInput {
  if (encoding === 'hex') return { encoding: 'hex' };
  if (encoding === 'b64') return { encoding: 'base64' };
  if (encoding === 'latin1') return { charsets: ['latin-1'] };
  return encoding === 'cp437' ? { charsets: ['cp437'] } : {};
}

const defined = (side: SideInput): SideInput =>
  Object.fromEntries(Object.entries(side).filter(([, value]) => value !== undefined));
