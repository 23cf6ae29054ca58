import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { createKeyedHash } from './keyed-hash.ts';
import { createMadeKeys, type MadeKeys } from './made-keys.ts';
import { createRandomBytes } from './random-bytes.ts';
import { openSodium, SODIUM_FORM } from './sodium-seal.ts';

/**
 * All keys that come from the master secrets. `masterKeys` is newest first: the first seals, all open, so a master key
 * can be rotated without an outage. The look-up key and the pairwise salt never rotate: look-ups and every service's
 * `sub` stand on them.
 */
export interface KeyRing extends MadeKeys {
  /**
   * AES-256-GCM under a key derived for `purpose` and a salt of its own, so that no number of seals wears a key out (with
   * a random nonce alone 2^32 would: days, for sessions); `context` is bound in and must be given again to open.
   */
  seal(purpose: string, plain: Uint8Array | string, context?: string): Buffer;
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

export interface MasterKey {
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

  const open: KeyRing['open'] = (purpose, sealed, context = '') => {
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
  };

  return {
    seal(purpose, plain, context = '') {
      const salt = randomBytes(SALT_BYTES);
      return encrypt(messageKey(newest, purpose, salt), plain, context, Buffer.concat([Buffer.of(newest.id), salt]));
    },
    ...createMadeKeys({ masters, deriveFrom, open }),
    open,
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

/**
 * Seals under a given 32-byte key that seals few things (an account's data key): 1 byte 0, 12 bytes nonce, 16 bytes tag,
 * ciphertext.
 */
export function sealWith(key: Uint8Array, plain: Uint8Array | string, context: string): Buffer {
  return encrypt(key, plain, context, UNDER_A_DATA_KEY);
}

/** Opens what `sealWith`, or a sealer of libsodium, made. @throws Error when anything of it was changed. */
export function openWith(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed[0] === SODIUM_FORM) return openSodium(key, sealed, context);
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

const nextNonce = createRandomBytes(NONCE_BYTES);

function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const body = NONCE_BYTES + TAG_BYTES;
  if (sealed.length < body) throw new Error('sealed bytes were cut');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(NONCE_BYTES, body));
  return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
}
