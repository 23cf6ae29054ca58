import { randomBytes } from 'node:crypto';
import { argon2Reading } from './families/argon2.ts';
import { bcryptReading } from './families/bcrypt.ts';
import { yescryptReading } from './families/crypt-yescrypt.ts';
import { pbkdf2Reading } from './families/pbkdf2-reading.ts';
import { scryptReading } from './families/scrypt.ts';
import { saltedDesInSteps } from './primitives/des-crypt.ts';
import { type DigestName, digest, loadDigests } from './primitives/digests.ts';
import { repeat } from './primitives/repeat.ts';
import type { CostClass, Password, Read } from './scheme.ts';

const MAX_MEMORY_KIB = 262_144;
const DIGITS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The work of one verification of this class and cost, and no way to pass it (A11, linking-attacks 19). */
export async function spendDecoy(costClass: CostClass, cost: number, password: Password): Promise<void> {
  await loadDigests();
  const bounded = Math.max(1, Math.trunc(Number.isFinite(cost) ? cost : 1));
  const read = ENGINES[costClass]?.(bounded);
  if (read) {
    if (!('problem' in read)) await read.compute(password);
    return;
  }
  await roundsDecoy(costClass, Math.min(bounded, 1_000_000), password);
}

type Engine = (cost: number) => Read;

const ENGINES: Partial<Record<CostClass, Engine>> = {
  argon2: argon2Decoy,
  bcrypt: (cost) => bcryptReading({ cost: Math.min(Math.max(cost, 4), 14), salt: alphabet(22), digest: alphabet(31) }),
  scrypt: (cost) => scryptReading({ ...scryptOf(cost), salt: randomBytes(16), expected: randomBytes(32) }),
  yescrypt: yescryptDecoy,
  'pbkdf2-sha1': (cost) => pbkdf2Decoy('sha1', 20, cost),
  'pbkdf2-sha256': (cost) => pbkdf2Decoy('sha256', 32, cost),
  'pbkdf2-sha512': (cost) => pbkdf2Decoy('sha512', 64, cost / 3),
};

/** The unit is KiB·passes: two passes, as most have, and more when the memory would be too much. */
function argon2Decoy(cost: number): Read {
  const bounded = Math.min(Math.max(cost, 16), 1_572_864);
  const iterations = Math.max(2, Math.ceil(bounded / MAX_MEMORY_KIB));
  const memoryKiB = Math.max(8, Math.round(bounded / iterations));
  return argon2Reading({
    type: 'id',
    version: 19,
    memoryKiB,
    iterations,
    parallelism: 1,
    salt: randomBytes(16),
    expected: randomBytes(32),
  });
}

function scryptOf(cost: number): { readonly n: number; readonly r: number; readonly p: number } {
  const exponent = Math.min(Math.max(Math.round(Math.log2(cost / 8)), 1), 17);
  return { n: 2 ** exponent, r: 8, p: 1 };
}

/** Rows of the usual 4 KiB, as many as come nearest: filled once and a third of them read. */
function yescryptDecoy(cost: number): Read {
  const r = 32;
  const exponent = Math.min(Math.max(Math.round(Math.log2((cost * 3) / 4 / r)), 1), 14);
  return yescryptReading({ n: 2 ** exponent, r, p: 1, t: 0 }, randomBytes(16), randomBytes(32));
}

function pbkdf2Decoy(name: 'sha1' | 'sha256' | 'sha512', bytes: number, cost: number): Read {
  const unit = name === 'sha512' ? 666_666 : 2_000_000;
  const iterations = Math.min(Math.max(Math.trunc(cost), 1), unit);
  return pbkdf2Reading({ digest: name, iterations, salt: randomBytes(16), expected: randomBytes(bytes) });
}

const ROUND_DIGESTS: Partial<Record<CostClass, DigestName>> = {
  'md5-rounds': 'md5',
  'sha1-rounds': 'sha1',
  'sha512-rounds': 'sha512',
};

async function roundsDecoy(costClass: CostClass, cost: number, { bytes }: Password): Promise<void> {
  if (costClass === 'des-passes') {
    await saltedDesInSteps(randomBytes(8), { key: randomBytes(8), salt: 0, passes: Math.min(cost, 20_000) });
    return;
  }
  const name = ROUND_DIGESTS[costClass] ?? 'sha256';
  // A round hashes about the last digest, the salt and the password.
  const block = Buffer.concat([randomBytes(name === 'sha512' ? 72 : 40), bytes.subarray(0, 256)]);
  await repeat(cost, () => {
    block.set(digest(name, block).subarray(0, 16));
  });
}

const alphabet = (length: number): string => Array.from(randomBytes(length), (byte) => DIGITS[byte % 64]).join('');
