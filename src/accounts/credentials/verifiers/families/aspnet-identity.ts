import type { Pbkdf2Digest } from '../primitives/derive.ts';
import { fromBase64 } from '../primitives/encodings.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import { pbkdf2Reading } from './pbkdf2-reading.ts';

const V2 = /^AA[A-Za-z0-9+/]{64}==$/;
const V2_SALT_END = 17;

/** `00`, 16 bytes of salt, 32 of key: PBKDF2-SHA1, 1,000 times. */
function readV2(stored: string): Read {
  const bytes = V2.test(stored) ? fromBase64(stored) : undefined;
  if (!bytes || bytes.length !== 49 || bytes[0] !== 0) return malformed;
  return pbkdf2Reading({
    digest: 'sha1',
    iterations: 1000,
    salt: bytes.subarray(1, V2_SALT_END),
    expected: bytes.subarray(V2_SALT_END),
    blank: Buffer.from(bytes).fill(0, V2_SALT_END).toString('base64'),
  });
}

const V3 = /^AQ[A-Za-z0-9+/]{30,400}={0,2}$/;
const V3_DIGESTS: readonly Pbkdf2Digest[] = ['sha1', 'sha256', 'sha512'];
const V3_HEAD = 13;

/** `01`, then digest, iterations and length of salt as big-endian words, salt, key. */
function readV3(stored: string): Read {
  const bytes = V3.test(stored) ? fromBase64(stored) : undefined;
  if (!bytes || bytes.length < V3_HEAD || bytes[0] !== 1) return malformed;
  const saltEnd = V3_HEAD + bytes.readUInt32BE(9);
  // ASP.NET itself refuses shorter salts and keys.
  if (saltEnd < V3_HEAD + 16 || saltEnd + 16 > bytes.length) return malformed;
  return pbkdf2Reading({
    digest: V3_DIGESTS[bytes.readUInt32BE(1)],
    iterations: bytes.readUInt32BE(5),
    salt: bytes.subarray(V3_HEAD, saltEnd),
    expected: bytes.subarray(saltEnd),
    blank: Buffer.from(bytes).fill(0, saltEnd).toString('base64'),
  });
}

export const ASPNET_ROWS = [
  scheme({
    id: 'aspnet-identity-v2',
    family: 'microsoft',
    shape: V2,
    costClass: 'pbkdf2-sha1',
    commonCost: 2000,
    bounds: 'length exact',
    note: 'ASP.NET Identity 2, SimpleMembership, Universal Providers',
    read: readV2,
  }),
  scheme({
    id: 'aspnet-identity-v3',
    family: 'microsoft',
    shape: V3,
    costClass: 'pbkdf2-sha256',
    commonCost: 10_000,
    bounds: 'iterations ≤ 2,000,000 of SHA-256, salt and key of 16 bytes or more',
    note: 'ASP.NET Core Identity',
    read: readV3,
  }),
] as const;
