import { createHash, createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';

/**
 * HTTP Message Signatures, as much as two parties need who have agreed on the fields (RFC 9421, with RFC 9530 digests).
 * By hand: a hundred lines, and what npm has either signs no answers or is kept by nobody.
 */
export type Algorithm = 'hmac-sha256' | 'ecdsa-p256-sha256' | 'ed25519';

export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: Algorithm;
  /** Bytes of a shared key; PEM otherwise: private to sign, public to verify. */
  readonly key: Buffer;
}

/** A component as it stands in the list (`"@method"`, `"signature";req;key="latchkey"`), and its value. */
export type Component = readonly [identifier: string, value: string];

export const contentDigest = (body: string | Buffer): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/** The inner list with its parameters: value of one member of Signature-Input. */
export const inputOf = (components: readonly Component[], parameters: string): string =>
  `(${components.map(([identifier]) => identifier).join(' ')})${parameters}`;

/** @see RFC 9421 §2.5 */
export const signatureBase = (components: readonly Component[], input: string): string =>
  [...components.map(([identifier, value]) => `${identifier}: ${value}`), `"@signature-params": ${input}`].join('\n');

export function signBase(base: string, { algorithm, key }: SigningKey): string {
  if (algorithm === 'hmac-sha256') return createHmac('sha256', key).update(base).digest('base64');
  const privateKey = createPrivateKey(key);
  return algorithm === 'ed25519'
    ? sign(null, Buffer.from(base), privateKey).toString('base64')
    : sign('sha256', Buffer.from(base), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64');
}

export function isSignedBy(base: string, signature: Buffer, { algorithm, key }: SigningKey): boolean {
  if (algorithm === 'hmac-sha256') {
    const expected = createHmac('sha256', key).update(base).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  const publicKey = createPublicKey(key);
  return algorithm === 'ed25519'
    ? verify(null, Buffer.from(base), publicKey, signature)
    : verify('sha256', Buffer.from(base), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}
