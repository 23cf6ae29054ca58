import { pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derivePbkdf2 = promisify(pbkdf2);

export const PBKDF2_DIGESTS = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;
export type Pbkdf2Digest = keyof typeof PBKDF2_DIGESTS;

export function pbkdf2Digest(name: string | undefined): Pbkdf2Digest | undefined {
  const plain = name?.toLowerCase().replace(/^(?:pbkdf2-?)?(?:hmac-?)?sha-?/, 'sha');
  return Object.keys(PBKDF2_DIGESTS).find((digest): digest is Pbkdf2Digest => digest === plain);
}

/** Iterations of SHA-256 that take as long as one of this digest, on a machine with SHA instructions. */
const RELATIVE_COST: Record<Pbkdf2Digest, number> = { sha1: 1, sha224: 1, sha256: 1, sha384: 3, sha512: 3 };
/** About a quarter of a second. Django's own default is 1,200,000 and rises every year. */
export const MAX_ITERATIONS = 2_000_000;

export interface Pbkdf2 {
  readonly digest: Pbkdf2Digest;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly bytes: number;
}

/** Work in iterations of SHA-256: the blocks of a long key are made one by one. */
export const pbkdf2Cost = ({ digest, iterations, bytes }: Omit<Pbkdf2, 'salt'>): number =>
  iterations * Math.ceil(bytes / PBKDF2_DIGESTS[digest]) * RELATIVE_COST[digest];

export const pbkdf2Key = (password: Buffer, { salt, iterations, bytes, digest }: Pbkdf2): Promise<Buffer> =>
  derivePbkdf2(password, salt, iterations, bytes, digest);

export interface Scrypt {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB, and about half a second: N=2^17, r=8 is what OWASP advises. */
const MAX_SCRYPT_BYTES = 2 ** 27;
const MAX_SCRYPT_WORK = 2 ** 21;

export function scryptFits({ n, r, p }: Scrypt): boolean {
  return 128 * n * r <= MAX_SCRYPT_BYTES && 128 * r * p <= MAX_SCRYPT_BYTES && n * r * p <= MAX_SCRYPT_WORK;
}

/** N is a power of two above 1, r and p at least 1. */
export function isScrypt({ n, r, p }: Scrypt): boolean {
  return Number.isSafeInteger(n) && n > 1 && Math.log2(n) % 1 === 0 && r >= 1 && p >= 1;
}

export function scryptKey(password: Buffer, salt: Buffer, bytes: number, { n, r, p }: Scrypt): Promise<Buffer> {
  const maxmem = 128 * r * (n + p + 2) + 2 ** 20;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N: n, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
