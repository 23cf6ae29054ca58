import { MAX_ITERATIONS, PBKDF2_DIGESTS, type Pbkdf2Digest, pbkdf2Cost, pbkdf2Key } from '../primitives/derive.ts';
import { type Password, type Read, WEAK_BELOW, malformed, tooCostly } from '../scheme.ts';

export interface Pbkdf2Parts {
  readonly digest: Pbkdf2Digest | undefined;
  readonly iterations: number;
  /** Text is taken as UTF-8. */
  readonly salt: Buffer | string | undefined;
  readonly expected: Buffer | undefined;
  /** What goes into PBKDF2, if not the password itself. */
  readonly prepare?: (password: Password) => Buffer;
  /** What is made of the key before it is compared. */
  readonly finish?: (key: Buffer) => Buffer;
  /** Bytes of key where `finish` changes the length. */
  readonly keyBytes?: number;
  /** The value with its digest blanked: given for those of few iterations, which are wrapped. */
  readonly blank?: string;
}

/** A longer key says no more than its first block, and costs an attacker nothing: only the first block is compared. */
const MAX_KEY_BYTES = 256;
const MIN_KEY_BYTES = 16;

/** The one way into PBKDF2: its bounds hold for every format that uses it. */
export function pbkdf2Reading(parts: Pbkdf2Parts): Read {
  const { digest, iterations, expected, finish, prepare } = parts;
  if (digest === undefined || parts.salt === undefined || !expected) return malformed;
  const salt = Buffer.from(parts.salt);
  const stored = parts.keyBytes ?? expected.length;
  if (!isPbkdf2(iterations, stored, salt)) return malformed;
  const bytes = stored > MAX_KEY_BYTES ? PBKDF2_DIGESTS[digest] : stored;
  const cost = pbkdf2Cost({ digest, iterations, bytes });
  if (cost > MAX_ITERATIONS) return tooCostly;
  const key = (password: Password): Promise<Buffer> =>
    pbkdf2Key(prepare ? prepare(password) : password.bytes, { digest, iterations, salt, bytes });
  const reading = {
    cost,
    expected: finish ? expected : expected.subarray(0, bytes),
    compute: finish ? async (password: Password) => finish(await key(password)) : key,
  };
  return parts.blank !== undefined && iterations < WEAK_BELOW ? { ...reading, blank: parts.blank } : reading;
}

const isPbkdf2 = (iterations: number, bytes: number, salt: Buffer): boolean =>
  Number.isSafeInteger(iterations) && iterations >= 1 && isKeyLength(bytes) && salt.length <= 1024;

/** A key that lost its end would match by its beginning: PBKDF2 and scrypt give a longer key the same start. */
export const isKeyLength = (bytes: number): boolean => bytes >= MIN_KEY_BYTES && bytes % 4 === 0;
