import { createCipheriv, createDecipheriv, createHash, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';
import { LatchkeyError } from '../failure/latchkey-error.ts';

/**
 * All keys that come from the master secrets. `masterKeys` is newest first: the first seals, all open, so a master key
 * can be rotated without an outage. The look-up key and the pairwise salt never rotate: look-ups and every service's
 * `sub` stand on them.
 */
export interface KeyRing {
  /**
   * AES-256-GCM under a key derived for `purpose` and a salt of its own, so that no number of seals wears a key out (with
   * a random nonce alone 2^32 would: days, for sessions); `context` is bound in and must be given again to open.
   */
  seal(purpose: string, plain: Uint8Array | string, context?: string): Buffer;
  /** `seal` for a thousand things or so: they share one derived key, and each has a nonce of its own. */
  sealer(purpose: string): (plain: Uint8Array, context: string) => Buffer;
  /** @throws Error when the bytes were cut, changed, or sealed for another purpose or context. */
  open(purpose: string, sealed: Uint8Array, context?: string): Buffer;
  /** Keyed hash for look-up columns. Parts are length-prefixed: ('a','bc') and ('ab','c') differ. 32 bytes. */
  lookupKey(purpose: string, ...parts: readonly string[]): Buffer;
  /** Pairwise subject bytes for (sector, account). 32 bytes. */
  pairwise(sector: string, accountId: string): Buffer;
  /** HMAC key bytes derived for `purpose` from the newest master key: they change when it does. Never a sealing key. */
  derive(purpose: string): Buffer;
}

export interface KeyRingSecrets {
  /** 32-byte keys, base64url, newest first. */
  readonly masterKeys: readonly string[];
  readonly lookupKey: string;
  readonly pairwiseSalt: string;
}

const SECRET_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Key id and salt stand before what `encrypt` made. */
const RING_HEADER_BYTES = 1 + SALT_BYTES;

interface MasterKey {
  /** Tells quickly which key sealed something. Two keys may share it: then both are tried. */
  readonly id: number;
  readonly bytes: Buffer;
}

/** @throws LatchkeyError `config_invalid` when a secret is not 32 bytes: an empty HMAC key would work, and protect nothing. */
export function createKeyRing(secrets: KeyRingSecrets): KeyRing {
  const masters: readonly MasterKey[] = secrets.masterKeys.map((key, index) => {
    const bytes = decodeSecret(`masterKeys[${index}]`, key);
    return { id: createHash('sha256').update(bytes).digest()[0] ?? 0, bytes };
  });
  const newest = masters[0];
  if (!newest) throw invalidSecret('masterKeys');
  const lookup = decodeSecret('lookupKey', secrets.lookupKey);
  const pairwiseSalt = decodeSecret('pairwiseSalt', secrets.pairwiseSalt);
  const derived = new Map<string, Buffer>();

  const deriveFrom = (master: MasterKey, use: 'seal' | 'mac', purpose: string): Buffer => {
    const cacheKey = `${masters.indexOf(master)}:${use}:${purpose}`;
    let key = derived.get(cacheKey);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', master.bytes, '', `latchkey:${use}:${purpose}`, 32));
      derived.set(cacheKey, key);
    }
    return key;
  };
  const lookUp = createKeyedHash(lookup);
  const messageKey = (master: MasterKey, purpose: string, salt: Uint8Array): Buffer =>
    createHmac('sha256', deriveFrom(master, 'seal', purpose))
      .update(salt)
      .digest();

  return {
    seal(purpose, plain, context = '') {
      const salt = randomBytes(SALT_BYTES);
      return encrypt(messageKey(newest, purpose, salt), plain, context, Buffer.concat([Buffer.of(newest.id), salt]));
    },
    sealer(purpose) {
      const header = Buffer.concat([Buffer.of(newest.id), randomBytes(SALT_BYTES)]);
      const key = messageKey(newest, purpose, header.subarray(1));
      return (plain, context) => encrypt(key, plain, context, header);
    },
    open(purpose, sealed, context = '') {
      const salt = sealed.subarray(1, RING_HEADER_BYTES);
      let failure: unknown = new Error('sealed under a master key that is not configured');
      for (const master of masters) {
        if (master.id !== sealed[0]) continue;
        try {
          return decrypt(messageKey(master, purpose, salt), sealed.subarray(RING_HEADER_BYTES), context);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    lookupKey: (purpose, ...parts) => lookUp(framed([purpose, ...parts])),
    pairwise: (sector, accountId) =>
      createHmac('sha256', pairwiseSalt)
        .update(framed([sector, accountId]))
        .digest(),
    derive: (purpose) => Buffer.from(deriveFrom(newest, 'mac', purpose)),
  };
}

function decodeSecret(name: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== SECRET_BYTES) throw invalidSecret(name);
  return bytes;
}

function invalidSecret(name: string): LatchkeyError {
  return new LatchkeyError('config_invalid', 'The configuration is not valid.', {
    detail: `secrets.${name} must be ${SECRET_BYTES} bytes, base64url`,
  });
}

/** Length-prefixed: ('a','bc') and ('ab','c') differ. */
function framed(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  return text;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const SHORT_BYTES = 4096;

/**
 * HMAC-SHA-256 (RFC 2104) by two one-shot hashes over buffers that are kept: a third of the time of an Hmac object. An import
 * makes four for each of its rows.
 */
function createKeyedHash(key: Buffer): (text: string) => Buffer {
  const inner = Buffer.alloc(BLOCK_BYTES + SHORT_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    inner[at] = (key[at] ?? 0) ^ 0x36;
    outer[at] = (key[at] ?? 0) ^ 0x5c;
  }
  return (text) => {
    // A character is 3 bytes at most.
    if (text.length * 3 > SHORT_BYTES) return createHmac('sha256', key).update(text).digest();
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8');
    outer.write(hash('sha256', inner.subarray(0, end), 'latin1'), BLOCK_BYTES, 'latin1');
    return Buffer.from(hash('sha256', outer, 'latin1'), 'latin1');
  };
}

/**
 * Seals under a given 32-byte key that seals few things (an account's data key): 1 byte 0, 12 bytes nonce, 16 bytes tag,
 * ciphertext.
 */
export function sealWith(key: Uint8Array, plain: Uint8Array | string, context: string): Buffer {
  return encrypt(key, plain, context, UNDER_A_DATA_KEY);
}

/** Opens what `sealWith` made. @throws Error when anything of it was changed. */
export function openWith(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed[0] !== 0) throw new Error('not sealed under a data key');
  return decrypt(key, sealed.subarray(1), context);
}

const UNDER_A_DATA_KEY = Buffer.of(0);

function encrypt(key: Uint8Array, plain: Uint8Array | string, context: string, header: Uint8Array): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  // GCM has no last block.
  cipher.final();
  return Buffer.concat([header, nonce, cipher.getAuthTag(), body]);
}

const NONCES_AT_ONCE = 512;
let nonces = Buffer.alloc(0);

/** Never the same twice. Asking for 12 random bytes each time costs a quarter of sealing. */
function nextNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCE_BYTES * NONCES_AT_ONCE);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const body = NONCE_BYTES + TAG_BYTES;
  if (sealed.length < body) throw new Error('sealed bytes were cut');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(NONCE_BYTES, body));
  return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
}
