import { timingSafeEqual } from 'node:crypto';
import { HOTP } from 'otpauth';
import type { Seed } from './read-seed.ts';

/**
 * The counter whose code was typed, from `from` up to and with `to`; undefined when none is. All are made, also behind
 * the right one: how long it took must not tell how far a token is ahead.
 */
export function findCounter(seed: Seed, typed: string, from: number, to: number): number | undefined {
  const code = Buffer.from(typed.replaceAll(/\s/g, ''));
  let found: number | undefined;
  for (let counter = Math.max(from, 0); counter <= to; counter += 1) {
    const made = Buffer.from(HOTP.generate({ ...seed, counter }));
    if (made.length === code.length && timingSafeEqual(made, code)) found ??= counter;
  }
  return found;
}
