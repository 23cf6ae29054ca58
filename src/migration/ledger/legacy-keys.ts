import type { KeyRing } from '../../platform/crypto/key-ring.ts';

/** The key of one row of a source, for ever: a keyed hash, so the table does not tell the old id. */
export const legacyKeyOf = (keyRing: KeyRing, source: string, legacyId: string): Buffer =>
  keyRing.lookupKey('legacy-account', source, legacyId);

/** The key of a user name as compared, see `normaliseLogin`. */
export const loginKeyOf = (keyRing: KeyRing, source: string, normalisedLogin: string): Buffer =>
  keyRing.lookupKey('legacy-login', source, normalisedLogin);
