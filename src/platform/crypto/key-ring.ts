import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * All keys that come from the master secrets. `masterKeys` is newest first: the first seals, all open, so a master key
 * can be rotated without an outage. The look-up key and the pairwise salt never rotate: look-ups and every service's
 * `sub` stand on them.
 */
export interface KeyRing {
  /** AES-256-GCM under a key derived for `purpose`; `context` is bound in and must be given again to open. */
  seal(purpose: string, plain: Uint8Array | string, context?: string): Buffer;
  /** @throws Error when the bytes were cut, changed, or sealed for another purpose or context. */
  open(purpose: string, sealed: Uint8Array, context?: string): Buffer;
  /** Keyed hash for look-up columns. Parts are length-prefixed: ('a','bc') and ('ab','c') differ. 32 bytes. */
  lookupKey(purpose: string, ...parts: readonly string[]): Buffer;
  /** Pairwise subject bytes for (sector, account). 32 bytes. */
  pairwise(sector: string, accountId: string): Buffer;
  /** HMAC key bytes for cookies and forms, derived for `purpose`. */
  derive(purpose: string): Buffer;
}

export interface KeyRingSecrets {
  /** 32-byte keys, base64url, newest first. */
  readonly masterKeys: readonly string[];
  readonly lookupKey: string;
  readonly pairwiseSalt: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createKeyRing(secrets: KeyRingSecrets): KeyRing {
  const masters = secrets.masterKeys.map((key) => Buffer.from(key, 'base64url'));
  const ids = masters.map((key) => createHash('sha256').update(key).digest()[0] ?? 0);
  const lookup = Buffer.from(secrets.lookupKey, 'base64url');
  const pairwiseSalt = Buffer.from(secrets.pairwiseSalt, 'base64url');
  const derived = new Map<string, Buffer>();

  const deriveFrom = (index: number, purpose: string): Buffer => {
    const cacheKey = `${index}:${purpose}`;
    let key = derived.get(cacheKey);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', masters[index] ?? Buffer.alloc(0), '', `latchkey:${purpose}`, 32));
      derived.set(cacheKey, key);
    }
    return key;
  };

  return {
    seal: (purpose, plain, context = '') => sealWith(deriveFrom(0, purpose), plain, context, ids[0] ?? 0),
    open(purpose, sealed, context = '') {
      let failure: unknown = new Error('sealed under a master key that is not configured');
      for (const [index, id] of ids.entries()) {
        if (id !== sealed[0]) continue;
        try {
          return openWith(deriveFrom(index, purpose), sealed, context);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    lookupKey: (purpose, ...parts) => hmacParts(lookup, [purpose, ...parts]),
    pairwise: (sector, accountId) => hmacParts(pairwiseSalt, [sector, accountId]),
    derive: (purpose) => deriveFrom(0, purpose),
  };
}

function hmacParts(key: Buffer, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
  return hmac.digest();
}

/** Seals under a given 32-byte key: 1 byte key id, 12 bytes nonce, 16 bytes tag, ciphertext. */
export function sealWith(key: Uint8Array, plain: Uint8Array | string, context: string, keyId = 0): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  const tail = cipher.final();
  return Buffer.concat([Buffer.of(keyId), nonce, cipher.getAuthTag(), body, tail]);
}

/** Opens what `sealWith` made. @throws Error when anything of it was changed. */
export function openWith(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
