import { timingSafeEqual } from 'node:crypto';
import { cutPassword, passwordCandidates } from './password-candidates.ts';
import { loadDigests } from './primitives/digests.ts';
import type { Reading, SchemeRow } from './scheme.ts';
import type { SideInput } from './side.ts';

/** Bytes against bytes, all of them, in constant time (linking-attacks 28). */
export function sameBytes(actual: Buffer | undefined, expected: Buffer): boolean {
  return actual !== undefined && actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** What one try makes of a computed digest; a wrapped value asks argon2id. */
export type Judge = (actual: Buffer | undefined) => boolean | Promise<boolean>;

/** Whether a typed password gives what `judge` wants, in any of the source's character sets. */
export async function tryPassword(
  row: SchemeRow,
  { compute }: Pick<Reading, 'compute'>,
  { typed, side }: { readonly typed: string; readonly side: SideInput },
  judge: Judge,
): Promise<boolean> {
  await loadDigests();
  const longest = row.maxPasswordBytes ?? Number.POSITIVE_INFINITY;
  for (const candidate of passwordCandidates(typed, side)) {
    const overlong = candidate.bytes.length > longest;
    const actual = await compute(overlong ? cutPassword(candidate, longest) : candidate);
    if ((await judge(actual)) && !overlong) return true;
  }
  return false;
}
