import type { CostClass, Read } from './scheme.ts';

/** Microseconds that a unit of each class takes, as bench/verifiers.ts shows them; of bcrypt, what 2^0 would take. */
const MICROSECONDS: Record<CostClass, number> = {
  fast: 1,
  argon2: 0.4,
  bcrypt: 50,
  scrypt: 0.4,
  yescrypt: 0.8,
  'pbkdf2-sha1': 0.15,
  'pbkdf2-sha256': 0.15,
  'pbkdf2-sha512': 0.15,
  'md5-rounds': 0.7,
  'sha1-rounds': 0.9,
  'sha256-rounds': 1.1,
  'sha512-rounds': 1.4,
  'des-passes': 3,
  wrapped: 1,
};

/**
 * A value whose format belongs to another class than the row it was read by (what stands behind `{CRYPT}` may be
 * anything): its bounds stay its own, its cost is said in the row's unit, so that a decoy takes as long (A11).
 */
export function inClass(read: Read, own: CostClass, row: CostClass): Read {
  if ('problem' in read || own === row) return read;
  const bounded = read.bounded ?? { costClass: own, cost: read.cost };
  const time = MICROSECONDS[own] * (own === 'bcrypt' ? 2 ** read.cost : read.cost);
  const units = time / MICROSECONDS[row];
  return { ...read, bounded, cost: Math.max(1, Math.round(row === 'bcrypt' ? Math.log2(units) : units)) };
}
