import { createHash, createHmac } from 'node:crypto';
import type { IHasher } from 'hash-wasm';

/** Bytes of each digest. */
const SIZES = {
  md4: 16,
  md5: 16,
  ripemd160: 20,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  whirlpool: 64,
} as const;

export type DigestName = keyof typeof SIZES;

export const isDigestName = (name: string | undefined): name is DigestName =>
  name !== undefined && Object.hasOwn(SIZES, name);

export const digestBytes = (name: DigestName): number => SIZES[name];

let loading: Promise<void> | undefined;
let hashers: Readonly<Record<DigestName, IHasher>> | undefined;

/**
 * To be awaited before a password is worked on. Not at start: they are nine WASM modules, 13 MB and 25 ms. For a few dozen
 * bytes a call into one takes half of what createHash takes, and OpenSSL 3 has no MD4 and no Whirlpool.
 */
export function loadDigests(): Promise<void> {
  loading ??= makeHashers();
  return loading;
}

async function makeHashers(): Promise<void> {
  const wasm = await import('hash-wasm');
  hashers = {
    md4: await wasm.createMD4(),
    md5: await wasm.createMD5(),
    ripemd160: await wasm.createRIPEMD160(),
    sha1: await wasm.createSHA1(),
    sha224: await wasm.createSHA224(),
    sha256: await wasm.createSHA256(),
    sha384: await wasm.createSHA384(),
    sha512: await wasm.createSHA512(),
    whirlpool: await wasm.createWhirlpool(),
  };
}

/** Digest of the parts, one after the other. Before they are loaded, and of what OpenSSL has, by OpenSSL. */
export function digest(name: DigestName, ...parts: readonly Uint8Array[]): Buffer {
  if (!hashers) return digestByOpenSsl(name, parts);
  const hasher = hashers[name].init();
  for (const part of parts) hasher.update(part);
  const bytes = hasher.digest('binary');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function digestByOpenSsl(name: DigestName, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export const hexDigest = (name: DigestName, ...parts: readonly Uint8Array[]): string =>
  digest(name, ...parts).toString('hex');

/** Of MD4 and of Whirlpool. */
const HMAC_BLOCK = 64;

/** HMAC by its definition where OpenSSL has none (MD4, Whirlpool). */
export function hmac(name: DigestName, key: Uint8Array, message: Uint8Array): Buffer {
  if (name !== 'md4' && name !== 'whirlpool') return createHmac(name, key).update(message).digest();
  const padded = Buffer.alloc(HMAC_BLOCK);
  padded.set(key.length > HMAC_BLOCK ? digest(name, key) : key);
  const masked = (mask: number): Buffer => Buffer.from(padded.map((byte) => byte ^ mask));
  return digest(name, masked(0x5c), digest(name, masked(0x36), message));
}
