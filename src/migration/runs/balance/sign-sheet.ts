import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { BalanceSheet } from '../desk/run-types.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410 §7), up to its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Of the newest master key: it changes when that does, and sheets that were signed before verify with the key of then. */
const keyOf = (keyRing: KeyRing): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, keyRing.derive('balance-sheet')]),
    format: 'der',
    type: 'pkcs8',
  });

/** The public key, with its RFC 7638 thumbprint as `kid`. */
export function balanceKey(keyRing: KeyRing): {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
} {
  const { x = '' } = createPublicKey(keyOf(keyRing)).export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x, kid };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Compact JWS (RFC 7515) with EdDSA, of its own type: no other token of ours can be taken for a balance sheet. */
export function signSheet(keyRing: KeyRing, sheet: BalanceSheet): string {
  const header = { alg: 'EdDSA', typ: 'balance-sheet+jws', kid: balanceKey(keyRing).kid };
  const input = `${encode(header)}.${encode(sheet)}`;
  return `${input}.${sign(null, Buffer.from(input), keyOf(keyRing)).toString('base64url')}`;
}
