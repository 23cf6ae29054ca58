import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** Seals short-lived copies, thousands a second. What cannot be opened is `undefined`: a copy is never the only one. */
export interface CopySealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Uint8Array, context: string): string | undefined;
}

const SALT_BYTES = 16;
const COUNTER_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD = SALT_BYTES + COUNTER_BYTES + TAG_BYTES;
/** Other processes' keys that are kept ready; each process has one. */
const MOST_PEERS = 256;

/**
 * AES-256-GCM with a counter for a nonce, under a key of this process alone: derived from `key` and a random salt that
 * travels with every value, so other processes can open it. Nothing random is drawn and no key derived per value, which
 * is what `KeyRing.seal` spends most of its time on.
 */
export function createCopySealer(key: Uint8Array): CopySealer {
  const salt = randomBytes(SALT_BYTES);
  const ownKey = deriveKey(key, salt);
  const peers = new Map<string, KeyObject>([[salt.toString('latin1'), ownKey]]);
  let count = 0;

  return {
    seal(plain, context) {
      const nonce = Buffer.alloc(NONCE_BYTES);
      nonce.writeUIntBE((count += 1), NONCE_BYTES - COUNTER_BYTES, COUNTER_BYTES);
      const cipher = createCipheriv('aes-256-gcm', ownKey, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context));
      const body = cipher.update(plain, 'utf8');
      cipher.final();
      return Buffer.concat([salt, nonce.subarray(NONCE_BYTES - COUNTER_BYTES), cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      if (sealed.length < HEAD) return undefined;
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const nonce = Buffer.alloc(NONCE_BYTES);
      bytes.copy(nonce, NONCE_BYTES - COUNTER_BYTES, SALT_BYTES, SALT_BYTES + COUNTER_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', keyOf(bytes.subarray(0, SALT_BYTES)), nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(SALT_BYTES + COUNTER_BYTES, HEAD));
      try {
        const body = decipher.update(bytes.subarray(HEAD));
        decipher.final();
        return body.toString('utf8');
      } catch {
        return undefined;
      }
    },
  };

  function keyOf(peerSalt: Buffer): KeyObject {
    const name = peerSalt.toString('latin1');
    let known = peers.get(name);
    if (!known) {
      known = deriveKey(key, peerSalt);
      if (peers.size >= MOST_PEERS) peers.clear();
      peers.set(name, known);
    }
    return known;
  }
}

function deriveKey(key: Uint8Array, salt: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', key).update(salt).digest());
}
