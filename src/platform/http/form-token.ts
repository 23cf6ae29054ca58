import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../crypto/key-ring.ts';

/**
 * A token for a hidden form field (C11). It is an HMAC of what it is bound to: give at least the browser's cookie value
 * and the journey and step, or one person's token would open another's form. Nothing is stored.
 */
export function formToken(keyRing: KeyRing, ...binding: readonly string[]): string {
  return keyRing.lookupKey('form-token', ...binding).toString('base64url');
}

/** Whether `token` was made for exactly this binding. Takes what came with the form as it is. */
export function checkFormToken(keyRing: KeyRing, token: unknown, ...binding: readonly string[]): boolean {
  if (typeof token !== 'string') return false;
  const expected = keyRing.lookupKey('form-token', ...binding);
  const given = Buffer.from(token, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
