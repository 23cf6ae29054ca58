import { describe, expect, it } from 'vitest';
import { createPace, restAfter } from './pace.ts';

describe('pace', () => {
  it.each([
    [40, 100, 0],
    [40, 50, 40],
    [40, 80, 10],
    [40, 1, 3960],
    [60_000, 50, 10_000],
  ])('%i ms of work at %i %% are followed by %i ms of rest', (worked, percent, rest) => {
    expect(restAfter(worked, percent)).toBeCloseTo(rest);
  });

  it('is over at once for a worker that is told to end', async () => {
    const ended = new AbortController();
    const rest = createPace(1, ended.signal);
    ended.abort();
    await expect(rest()).resolves.toBeUndefined();
    await expect(rest()).resolves.toBeUndefined();
  });
});
