import { expect, it } from 'vitest';
import { createTokenBuckets } from './token-buckets.ts';

const clock = { ms: 1_000_000 };
const now = (): Date => new Date(clock.ms);

it('gives the burst at once, then so many a second, and each key its own', () => {
  const buckets = createTokenBuckets({ burst: 3, perSecond: 2 }, now);
  for (let count = 0; count < 3; count += 1) {
    expect(buckets.waitOf('a')).toBe(0);
    buckets.take('a');
  }
  expect(buckets.waitOf('a')).toBe(1);
  expect(buckets.waitOf('b')).toBe(0);
  clock.ms += 499;
  expect(buckets.waitOf('a')).toBe(1);
  clock.ms += 1;
  expect(buckets.waitOf('a')).toBe(0);
  buckets.take('a');
  expect(buckets.waitOf('a')).toBe(1);
});

it('saves no more than the burst, owes nothing, and a clock that goes back gives nothing', () => {
  const buckets = createTokenBuckets({ burst: 2, perSecond: 1 }, now);
  for (let count = 0; count < 50; count += 1) buckets.take('a');
  clock.ms -= 60_000;
  expect(buckets.waitOf('a')).toBe(1);
  clock.ms += 3_600_000;
  buckets.take('a');
  buckets.take('a');
  expect(buckets.waitOf('a')).toBe(1);
});
