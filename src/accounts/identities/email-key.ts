import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { canonicalEmail } from './canonical-email.ts';

/** The look-up key of an address: all spellings that are the same address have the same. */
export function emailKey(keyRing: KeyRing, address: string): Buffer {
  return keyRing.lookupKey('identity', 'email', canonicalEmail(address));
}
