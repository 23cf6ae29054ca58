import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/** Small and the same everywhere (mulberry32): the rows of two runs are the same rows. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NAMES = ['Amina Khan', 'Rhys Price', "Mary O'Neill", 'Zoë Clarke', 'Tomos Evans', 'Gwen Morgan', 'Li Wei'];
const DEPARTMENTS = [
  'Housing',
  'Farming',
  'Transport',
  'Health',
  'Education',
  'Justice',
  'Business',
  'Revenue',
  'Pensions',
  'Environment',
];

export const sourceKey = (n: number): string => `system-${`${n}`.padStart(3, '0')}`;

/** One of the old systems of a made-up estate; `weak` ones have bare digests, which must be wrapped. */
export function definitionOf(n: number, isWeak = false): Record<string, unknown> {
  return {
    source: sourceKey(n),
    name: { en: `Old system ${n}`, cy: `Hen system ${n}` },
    department: `Department for ${DEPARTMENTS[n % DEPARTMENTS.length]}`,
    identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'] },
    file: {
      format: 'csv',
      columns: { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' },
      statuses: { live: 'active', closed: 'disabled' },
    },
    scheme: isWeak ? 'hex-md5' : 'bcrypt',
    subjects: 'inherit',
    sectors: [`${sourceKey(n)}.example`],
    policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' },
  };
}

/** A few large systems hold most of the people, as in real estates: the sizes fall as 1/rank, and sum to `rows`. */
export function sizesOf(rows: number, systems: number): readonly number[] {
  const weights = Array.from({ length: systems }, (_, n) => 1 / (n + 3));
  const sum = weights.reduce((a, b) => a + b, 0);
  const sizes = weights.map((weight) => Math.floor((rows * weight) / sum));
  sizes[0] = (sizes[0] ?? 0) + rows - sizes.reduce((a, b) => a + b, 0);
  return sizes;
}

export async function writeExport(folder: string, n: number, rows: number): Promise<string> {
  const random = seeded(20261130 + n);
  const place = join(folder, `${sourceKey(n)}.csv`);
  const file = createWriteStream(place, { highWaterMark: 1 << 20 });
  file.write('id,login,hash,email,name,status\n');
  for (let at = 0; at < rows; at += 1) {
    let tail = '';
    for (let i = 0; i < 52; i += 1) tail += ALPHABET[random() % 64];
    const name = NAMES[random() % NAMES.length];
    const line = `S${n}-${10_000_000 + at},user.${at},$2y$10$${tail}e,user.${at}.${n}@example.org,${name},live\n`;
    if (!file.write(line)) await new Promise((resolve) => file.once('drain', resolve));
  }
  file.end();
  await finished(file);
  return place;
}
