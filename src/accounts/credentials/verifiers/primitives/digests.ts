import { createHmac } from 'node:crypto';
import {
  createMD4,
  createMD5,
  createRIPEMD160,
  createSHA1,
  createSHA224,
  createSHA256,
  createSHA384,
  createSHA512,
  createWhirlpool,
} from 'hash-wasm';

// For a few dozen bytes a call into WASM takes half of what createHash takes; OpenSSL 3 has no MD4 and no Whirlpool.
const HASHERS = {
  md4: await createMD4(),
  md5: await createMD5(),
  ripemd160: await createRIPEMD160(),
  sha1: await createSHA1(),
  sha224: await createSHA224(),
  sha256: await createSHA256(),
  sha384: await createSHA384(),
  sha512: await createSHA512(),
  whirlpool: await createWhirlpool(),
} as const;

export type DigestName = keyof typeof HASHERS;

export const isDigestName = (name: string | undefined): name is DigestName =>
  name !== undefined && Object.hasOwn(HASHERS, name);

export const digestBytes = (name: DigestName): number => HASHERS[name].digestSize;

/** Digest of the parts, one after the other. */
export function digest(name: DigestName, ...parts: readonly Uint8Array[]): Buffer {
  const hasher = HASHERS[name].init();
  for (const part of parts) hasher.update(part);
  const bytes = hasher.digest('binary');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const hexDigest = (name: DigestName, ...parts: readonly Uint8Array[]): string =>
  digest(name, ...parts).toString('hex');

/** HMAC by its definition where OpenSSL has none (MD4, Whirlpool). */
export function hmac(name: DigestName, key: Uint8Array, message: Uint8Array): Buffer {
  if (name !== 'md4' && name !== 'whirlpool') return createHmac(name, key).update(message).digest();
  const block = HASHERS[name].blockSize;
  const padded = Buffer.alloc(block);
  padded.set(key.length > block ? digest(name, key) : key);
  const masked = (mask: number): Buffer => Buffer.from(padded.map((byte) => byte ^ mask));
  return digest(name, masked(0x5c), digest(name, masked(0x36), message));
}
