import { randomBytes } from 'node:crypto';
import { type KeyRing, openWith, sealWith } from '../../platform/crypto/key-ring.ts';

/** The key under which everything personal of one account is sealed. Erasing a person destroys it (G1). */
export interface DataKey {
  /** `place` names table and row: a sealed value moved to another row does not open. */
  seal(place: string, plain: string): Buffer;
  open(place: string, sealed: Uint8Array): string;
}

const PURPOSE = 'account-data-key';

export function newDataKey(keyRing: KeyRing, accountId: string): { key: DataKey; wrapped: Buffer } {
  const bytes = randomBytes(32);
  return { key: dataKey(bytes, accountId), wrapped: keyRing.seal(PURPOSE, bytes, accountId) };
}

/** @throws Error when the wrapped key is another account's, was changed, or was destroyed. */
export function openDataKey(keyRing: KeyRing, accountId: string, wrapped: Uint8Array): DataKey {
  return dataKey(keyRing.open(PURPOSE, wrapped, accountId), accountId);
}

function dataKey(key: Buffer, accountId: string): DataKey {
  return {
    seal: (place, plain) => sealWith(key, plain, `${accountId}:${place}`),
    open: (place, sealed) => openWith(key, sealed, `${accountId}:${place}`).toString('utf8'),
  };
}
