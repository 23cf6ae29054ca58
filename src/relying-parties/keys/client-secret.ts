import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new shared secret, 256 bits. Shown once; only `hash` is kept. */
export function newClientSecret(): { readonly secret: string; readonly hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hashSecret(secret) };
}

// A plain hash is enough: the secret has 256 bits, so there is nothing to guess.
function hashSecret(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('base64url')}`;
}

/** Compares in constant time. False when the service has no secret. */
export function secretMatches(secretHash: string | undefined, secret: string): boolean {
  if (secretHash === undefined) return false;
  const expected = Buffer.from(secretHash);
  const actual = Buffer.from(hashSecret(secret));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
