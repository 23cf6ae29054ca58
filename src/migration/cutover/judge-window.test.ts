import { describe, expect, it } from 'vitest';
import { type Bucket, LATENCY_BOUNDS } from './count-answers.ts';
import { checkPlan } from './cutover-plan.ts';
import { judgeWindow } from './judge-window.ts';

const now = new Date('2026-11-22T12:00:00Z');
const checked = checkPlan({});
if (checked.outcome === 'invalid') throw new Error('the defaults are no plan');
const { plan } = checked;

interface Answers {
  readonly ago: number;
  readonly side?: Bucket['side'];
  readonly good?: number;
  readonly failed?: number;
  readonly away?: number;
  readonly bound?: number;
}
function bucket({ ago, side = 'new', good = 0, failed = 0, away = 0, bound = 300 }: Answers): Bucket {
  const latencies = LATENCY_BOUNDS.map((limit) => (limit === bound ? good + failed + away : 0));
  return { at: new Date(now.getTime() - ago * 1000), side, good, failed, away, latencies };
}
const judge = (buckets: readonly Bucket[], complaints = 0) => judgeWindow({ buckets, complaints }, plan, now);

describe('judging a step of a cut-over', () => {
  it('says nothing of too few answers', () => {
    expect(judge([bucket({ ago: 10, failed: plan.minSamples - 1 })])).toMatchObject({
      new: undefined,
      broken: undefined,
    });
    expect(judge([bucket({ ago: 10, failed: plan.minSamples })]).broken).toBe('failure-rate');
  });

  it('looks back further where few people have moved, and no further than it must', () => {
    const few = [10, 120, 240, 360].map((ago) => bucket({ ago, failed: 6 }));
    expect(judge(few)).toMatchObject({ new: { samples: 24 }, broken: 'failure-rate' });
    const mended = [bucket({ ago: 10, good: 20 }), bucket({ ago: 120, failed: 500 })];
    expect(judge(mended)).toMatchObject({ new: { samples: 20, failureRate: 0 }, broken: undefined });
  });

  it('goes back for more failures than the other side has, not for what troubles both', () => {
    const moved = bucket({ ago: 10, good: 80, failed: 20 });
    expect(judge([moved]).broken).toBeUndefined();
    expect(judge([moved, bucket({ ago: 10, side: 'old', good: 1000, failed: 20 })]).broken).toBe('failure-rate');
    expect(judge([moved, bucket({ ago: 10, side: 'old', good: 800, failed: 200 })]).broken).toBeUndefined();
    expect(judge([bucket({ ago: 10, good: 40, away: 60 })]).broken).toBe('failure-rate');
  });

  it('goes back for slow answers', () => {
    const slow = [bucket({ ago: 10, good: 90 }), bucket({ ago: 20, good: 10, bound: 5000 })];
    expect(judge(slow)).toMatchObject({ new: { p95Ms: 5000 }, broken: 'latency' });
    const seldom = [bucket({ ago: 10, good: 96 }), bucket({ ago: 20, good: 4, bound: 5000 })];
    expect(judge(seldom)).toMatchObject({ new: { p95Ms: 300 }, broken: undefined });
    const slower = [bucket({ ago: 10, good: 50, bound: 2000 }), bucket({ ago: 10, side: 'old', good: 50, bound: 400 })];
    expect(judge(slower).broken).toBe('latency');
  });

  it('goes back for complaints, however few answers there were', () => {
    expect(judge([], plan.complaints - 1).broken).toBeUndefined();
    expect(judge([], plan.complaints).broken).toBe('complaints');
  });
});

describe('a plan', () => {
  it.each([
    [{ steps: [5, 1] }, 'steps'],
    [{ steps: [0] }, 'steps.0'],
    [{ steps: [] }, 'steps'],
    [{ steps: [101] }, 'steps.0'],
    [{ windowSeconds: 600 }, 'windowSeconds'],
    [{ failureRat: 0.1 }, 'failureRat'],
  ])('%o is refused', (draft, field) => {
    expect(checkPlan(draft)).toMatchObject({
      outcome: 'invalid',
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });
});
