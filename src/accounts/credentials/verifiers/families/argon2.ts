import { type Algorithm, type Version, hashRaw } from '@node-rs/argon2';
import { fromBase64, fromHex } from '../primitives/encodings.ts';
import { type Password, type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

export interface Argon2Parts {
  readonly type: string;
  readonly version: number;
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly salt: Buffer | undefined;
  readonly expected: Buffer | undefined;
  readonly secret?: Buffer;
}

/** 256 MiB; with the passes, about half a second. */
const MAX_MEMORY_KIB = 262_144;
const MAX_WORK_KIB = 1_572_864;
const MAX_PASSES = 1_000;
const MAX_LANES = 16;

// The package declares these as const enums, which do not exist when types are stripped.
const TYPES: Partial<Record<string, Algorithm>> = { d: 0, i: 1, id: 2 };
const VERSIONS: Partial<Record<number, Version>> = { 16: 0, 19: 1 };

/** The one way into argon2 for old hashes: its bounds hold for every format that uses it. */
export function argon2Reading(parts: Argon2Parts): Read {
  const { memoryKiB, iterations, parallelism, salt, expected, secret } = parts;
  const algorithm = TYPES[parts.type];
  const version = VERSIONS[parts.version];
  if (algorithm === undefined || version === undefined || !salt || !expected) return malformed;
  if (!isArgon2(memoryKiB, iterations, parallelism) || !isSized(salt, expected)) return malformed;
  if (isTooCostly(parts)) return tooCostly;
  const options = {
    algorithm,
    version,
    memoryCost: memoryKiB,
    timeCost: iterations,
    parallelism,
    outputLen: expected.length,
    salt,
    ...(secret && { secret }),
  };
  const cost = memoryKiB * iterations;
  return { cost, expected, compute: (password: Password) => hashRaw(password.bytes, options) };
}

const isSized = (salt: Buffer, expected: Buffer): boolean =>
  salt.length >= 8 && salt.length <= 64 && expected.length >= 12 && expected.length <= 512;

const isTooCostly = ({ memoryKiB, iterations, parallelism }: Argon2Parts): boolean =>
  memoryKiB > MAX_MEMORY_KIB ||
  memoryKiB * iterations > MAX_WORK_KIB ||
  iterations > MAX_PASSES ||
  parallelism > MAX_LANES;

function isArgon2(memoryKiB: number, iterations: number, lanes: number): boolean {
  return (
    [memoryKiB, iterations, lanes].every((value) => Number.isSafeInteger(value) && value >= 1) && memoryKiB >= 8 * lanes
  );
}

const PHC =
  /^(?:argon2)?\$argon2(?<type>id|i|d)(?:\$v=(?<version>16|19))?\$m=(?<m>[1-9]\d{0,9}),t=(?<t>[1-9]\d{0,9}),p=(?<p>[1-9]\d{0,7})\$(?<salt>[A-Za-z0-9+/]{11,86})\$(?<digest>[A-Za-z0-9+/]{16,700})$/;

/** The PHC string; without `v` it is of version 1.0. */
function readPhc(stored: string, side: SideInput): Read {
  const groups = PHC.exec(stored)?.groups;
  if (!groups) return malformed;
  const { type = '', version = '16', m, t, p, salt = '', digest = '' } = groups;
  return argon2Reading({
    type,
    version: Number(version),
    memoryKiB: Number(m),
    iterations: Number(t),
    parallelism: Number(p),
    salt: fromBase64(salt),
    expected: fromBase64(digest),
    ...(side.pepper !== undefined && { secret: Buffer.from(side.pepper) }),
  });
}

const behind =
  (prefix: RegExp) =>
  (stored: string, side: SideInput): Read =>
    prefix.test(stored) ? readPhc(stored.replace(prefix, ''), side) : malformed;

const MAGENTO =
  /^(?<digest>[0-9a-f]{64}):(?<salt>[^:\n]{16,64}):(?:2|3_(?<bytes>32)_(?<t>[1-9]\d{0,3})_(?<memory>[1-9]\d{3,10}))$/;

/** libsodium's argon2id, interactive: 64 MiB, two passes, and of the salt its first 16 bytes. */
const SODIUM = { memory: 67_108_864, t: 2 } as const;

function readMagento(stored: string): Read {
  const groups = MAGENTO.exec(stored)?.groups;
  if (!groups) return malformed;
  const { digest = '', salt = '', t = SODIUM.t, memory = SODIUM.memory } = groups;
  return argon2Reading({
    type: 'id',
    version: 19,
    memoryKiB: Math.floor(Number(memory) / 1024),
    iterations: Number(t),
    parallelism: 1,
    salt: Buffer.from(salt).subarray(0, 16),
    expected: fromHex(digest, 32),
  });
}

const common = {
  family: 'argon2',
  costClass: 'argon2',
  bounds: 'memory ≤ 256 MiB, memory × passes ≤ 1.5 GiB, passes ≤ 1,000, lanes ≤ 16; digest of 12 bytes or more',
} as const;

export const ARGON2_ROWS = [
  scheme({
    ...common,
    id: 'argon2',
    shape: /^\$argon2(?:id|i|d)\$/,
    commonCost: 131_072,
    note: 'argon2id, argon2i, argon2d; version 1.0 too; pepper = its secret key',
    read: (stored, side) => (stored.startsWith('$argon2') ? readPhc(stored, side) : malformed),
  }),
  scheme({
    ...common,
    id: 'django-argon2',
    shape: /^argon2\$argon2(?:id|i|d)\$/,
    commonCost: 204_800,
    note: 'Django',
    read: (stored, side) => (stored.startsWith('argon2$') ? readPhc(stored, side) : malformed),
  }),
  scheme({
    ...common,
    id: 'ldap-argon2',
    shape: /^\{ARGON2(?:ID|I|D)?\}\$argon2/i,
    commonCost: 131_072,
    note: 'OpenLDAP, Dovecot',
    read: behind(/^\{ARGON2(?:ID|I|D)?\}/i),
  }),
  scheme({
    ...common,
    id: 'magento2-argon2',
    shape: MAGENTO,
    commonCost: 131_072,
    note: 'Magento 2, Adobe Commerce, versions 2 and 3: digest:salt:2 and digest:salt:3_32_t_memory',
    read: readMagento,
  }),
] as const;
