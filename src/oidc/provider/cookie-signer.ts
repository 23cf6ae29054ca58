import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What the protocol library's cookies are signed with; the shape of Keygrip. */
export interface CookieSigner {
  sign(data: string): string;
  verify(data: string, signature: string): boolean;
  /** Which key made the signature; -1 when none did. */
  index(data: string, signature: string): number;
}

/**
 * HMAC-SHA-256, newest key first. Keygrip would do SHA-1, and compares by two more HMACs under a random key: on the way of
 * every silent sign-in.
 */
export function createCookieSigner(keys: readonly Uint8Array[]): CookieSigner {
  const [newest, ...older] = keys.map((key) => createSecretKey(key));
  if (!newest) throw new TypeError('cookies need a key');
  const all = [newest, ...older];
  const index = (data: string, signature: string): number => {
    const given = Buffer.from(signature);
    return all.findIndex((key) => {
      const ours = Buffer.from(mac(key, data));
      return ours.length === given.length && timingSafeEqual(ours, given);
    });
  };
  return { sign: (data) => mac(newest, data), index, verify: (data, signature) => index(data, signature) !== -1 };
}

const mac = (key: KeyObject, data: string): string => createHmac('sha256', key).update(data).digest('base64url');
