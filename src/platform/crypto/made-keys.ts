import { hash } from 'node:crypto';
import type { MasterKey } from './key-ring.ts';
import { createKeyedHash } from './keyed-hash.ts';
import { createRandomBytes } from './random-bytes.ts';

export interface MadeKeys {
  /**
   * Makes keys that seal a few things each: 32 bytes, derived by HMAC from the master key, a salt of 32 random bytes and the
   * context, so the handle with the salt is all that must be kept, and destroying it destroys the key. A third of what
   * wrapping a random key costs.
   */
  keyMaker(purpose: string): (context: string) => { readonly key: Buffer; readonly handle: Buffer };
  /** The key of a handle, or one that was sealed. @throws Error when it was cut, changed, or made for another purpose or context. */
  openKey(purpose: string, handle: Uint8Array, context: string): Buffer;
}

export interface MadeKeysOptions {
  /** The newest first; there is one at least. */
  readonly masters: readonly MasterKey[];
  readonly deriveFrom: (master: MasterKey, use: 'mac', purpose: string) => Buffer;
  readonly open: (purpose: string, sealed: Uint8Array, context: string) => Buffer;
}

const SALT_BYTES = 32;
const CHECK_BYTES = 4;
const HANDLE_BYTES = 1 + SALT_BYTES + CHECK_BYTES;

const nextSalt = createRandomBytes(SALT_BYTES);

export function createMadeKeys({ masters, deriveFrom, open }: MadeKeysOptions): MadeKeys {
  const keysOf = (master: MasterKey, purpose: string) => createKeyedHash(deriveFrom(master, 'mac', `key:${purpose}`));
  return {
    keyMaker(purpose) {
      const [newest] = masters;
      if (!newest) throw new Error('there is no master key');
      const derive = keysOf(newest, purpose);
      return (context) => {
        const salt = nextSalt();
        const key = derive(input(salt, context));
        return { key, handle: Buffer.concat([Buffer.of(newest.id), salt, checkOf(key)]) };
      };
    },
    openKey(purpose, handle, context) {
      if (handle.length !== HANDLE_BYTES) return open(purpose, handle, context);
      const salt = Buffer.from(handle.subarray(1, 1 + SALT_BYTES));
      const check = handle.subarray(1 + SALT_BYTES);
      for (const master of masters) {
        if (master.id !== handle[0]) continue;
        const key = keysOf(master, purpose)(input(salt, context));
        if (checkOf(key).equals(check)) return key;
      }
      throw new Error('the handle of a key was changed, or made under a master key that is not configured');
    },
  };
}

const input = (salt: Buffer, context: string): string => `${salt.toString('base64url')}:${context}`;

/** Tells a key that is not the right one; of a key no more than that. */
const checkOf = (key: Buffer): Buffer => Buffer.from(hash('sha256', key, 'latin1').slice(0, CHECK_BYTES), 'latin1');
