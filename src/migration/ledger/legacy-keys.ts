import type { KeyRing } from '../../platform/crypto/key-ring.ts';

/** The key of one row of a source, for ever: a keyed hash, so the table does not tell the old id. */
export const legacyKeyOf = (keyRing: KeyRing, source: string, legacyId: string): Buffer =>
  keyRing.lookupKey('legacy-account', source, legacyId);

/** The key of a user name as compared, see `normaliseLogin`. */
export const loginKeyOf = (keyRing: KeyRing, source: string, normalisedLogin: string): Buffer =>
  keyRing.lookupKey('legacy-login', source, normalisedLogin);

/** Stands for an old account where the holder of a subject is an account's id: of UUID version 8, which no account has. */
export function holderOf(legacyKey: Buffer): string {
  const bytes = Buffer.from(legacyKey.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
