import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';

declare const hashed: unique symbol;

/** An argon2id PHC string. Only `hashPassword` and the store make one, so a password cannot be stored by mistake. */
export type PasswordHash = string & { readonly [hashed]: true };

export const MAX_PASSWORD_BYTES = 1024;

export function isPasswordHash(value: string): value is PasswordHash {
  return /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/.test(value);
}

/** The form in which a password is hashed and compared: NFKC, once, never cut (A2). */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Checked before any work on every password path (linking-attacks 21). */
export function isOverlong(password: string): boolean {
  return password.length > MAX_PASSWORD_BYTES || Buffer.byteLength(password) > MAX_PASSWORD_BYTES;
}

export async function hashPassword(work: PasswordWork, password: string): Promise<PasswordHash> {
  if (isOverlong(password)) throw new LatchkeyError('too_large', 'The password is too long.');
  const hash = await work.hash(normalisePassword(password));
  if (!isPasswordHash(hash)) throw new Error('the argon2 engine returned something else than a PHC string');
  return hash;
}
