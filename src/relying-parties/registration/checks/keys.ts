import { createPublicKey } from 'node:crypto';
import type { Problem } from '../../service.ts';
import type { ServiceMetadata } from '../service-metadata.ts';
import { type Check, problem } from './check.ts';

type Jwk = NonNullable<ServiceMetadata['jwks']>['keys'][number];

/** Algorithms a client assertion may be signed with (behaviour.md, "Services"). */
const ALGORITHMS: Readonly<Record<string, RegExp>> = {
  RSA: /^(RS|PS)(256|384|512)$/,
  'EC P-256': /^ES256$/,
  'EC P-384': /^ES384$/,
  'EC P-521': /^ES512$/,
  'OKP Ed25519': /^(EdDSA|Ed25519)$/,
};
const MIN_RSA_BITS = 2048;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Keys are needed for `private_key_jwt`, in one place, public, and good for an allowed algorithm. */
export const checkKeys: Check = (draft) => [
  ...judgePlaces(draft),
  ...(draft.jwks?.keys ?? []).flatMap((key, index) => judgeKey(`jwks.keys.${index}`, key)),
  ...judgeKeyIds(draft.jwks?.keys ?? []),
];

function judgePlaces({ authMethod, jwks, jwksUri }: Partial<ServiceMetadata>): readonly Problem[] {
  const places = [jwks, jwksUri].filter((place) => place !== undefined).length;
  if (places === 2) return [problem('jwks', 'keys_unexpected', 'Give jwks or jwksUri, not both.')];
  if (authMethod === 'private_key_jwt' && places === 0)
    return [problem('jwks', 'keys_missing', 'private_key_jwt needs jwks or jwksUri.')];
  if (authMethod !== undefined && authMethod !== 'private_key_jwt' && places > 0)
    return [problem('jwks', 'keys_unexpected', `${authMethod} uses no keys.`)];
  return [];
}

function judgeKey(field: string, key: Jwk): readonly Problem[] {
  if (PRIVATE_MEMBERS.some((member) => member in key))
    return [
      problem(field, 'key_not_public', 'This is a private or shared key. Give the public part and replace the key.'),
    ];
  const kind = key['kty'] === 'RSA' ? 'RSA' : `${String(key['kty'])} ${String(key['crv'])}`;
  const algorithms = ALGORITHMS[kind];
  const { alg, use = 'sig' } = key;
  const fits = algorithms && (alg === undefined || (typeof alg === 'string' && algorithms.test(alg)));
  return fits && use === 'sig' && isSoundKey(key)
    ? []
    : [
        problem(
          field,
          'key_not_usable',
          `Use a signing key: RSA of ${MIN_RSA_BITS} bits or more, EC P-256, P-384 or P-521, or Ed25519.`,
        ),
      ];
}

function isSoundKey(jwk: Jwk): boolean {
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return bits === undefined || bits >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}

function judgeKeyIds(keys: readonly Jwk[]): readonly Problem[] {
  const seen = new Set<unknown>();
  return keys.flatMap((key, index) => {
    const { kid } = key;
    const sound = typeof kid === 'string' && kid.length > 0 && !seen.has(kid);
    seen.add(kid);
    return sound ? [] : [problem(`jwks.keys.${index}.kid`, 'key_id_missing', 'Give each key a kid of its own.')];
  });
}
