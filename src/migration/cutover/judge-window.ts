import { type Bucket, LATENCY_BOUNDS } from './count-answers.ts';
import type { CutoverPlan } from './cutover-plan.ts';
import type { StopReason } from './sides.ts';

/** How one side does. */
export interface SideFigures {
  readonly samples: number;
  readonly failureRate: number;
  /** Upper bound of the interval that the 95th percentile is in. */
  readonly p95Ms: number;
}

export interface Judged {
  readonly new: SideFigures | undefined;
  /** Of people whom the old side serves: what the new side is compared with. */
  readonly old: SideFigures | undefined;
  /** Of the new side, enough of them or not. */
  readonly answers: number;
  readonly complaints: number;
  /** What is over its limit; undefined: all is well, or there is too little to tell. */
  readonly broken: StopReason | undefined;
}

export interface Seen {
  /** Newest first. */
  readonly buckets: readonly Bucket[];
  /** Since the step began. */
  readonly complaints: number;
}

/**
 * Judges the answers since a step began. A rate is taken over the window; where so few people have moved that it holds too
 * few of them, over as many older answers as are needed. The side that goes on as before is judged by the same clock: what
 * troubles both, an attack or a common outage, is no reason to go back.
 */
export function judgeWindow({ buckets, complaints }: Seen, plan: CutoverPlan, now: Date): Judged {
  const from = now.getTime() - plan.windowSeconds * 1000;
  const { figures, samples, since } = newest(sideOf(buckets, 'new'), from, plan.minSamples);
  const old = figuresOf(sideOf(buckets, 'old').filter(({ at }) => at.getTime() > Math.min(from, since) - BUCKET_MS));
  const baseline = old && old.samples >= plan.minSamples ? old : undefined;
  const judged = { new: figures, old: baseline, answers: samples, complaints };
  return { ...judged, broken: whatIsBroken(judged, plan) };
}

const BUCKET_MS = 10_000;
const sideOf = (buckets: readonly Bucket[], side: Bucket['side']): readonly Bucket[] =>
  buckets.filter((bucket) => bucket.side === side);
const samplesOf = ({ good, failed, away }: Bucket): number => good + failed + away;

/** The newest buckets: all of the window, and older ones until there are enough samples. */
function newest(
  buckets: readonly Bucket[],
  from: number,
  minSamples: number,
): { readonly figures: SideFigures | undefined; readonly samples: number; readonly since: number } {
  const taken: Bucket[] = [];
  let samples = 0;
  for (const bucket of buckets) {
    if (bucket.at.getTime() + BUCKET_MS <= from && samples >= minSamples) break;
    taken.push(bucket);
    samples += samplesOf(bucket);
  }
  return {
    figures: samples >= minSamples ? figuresOf(taken) : undefined,
    samples,
    since: taken.at(-1)?.at.getTime() ?? from,
  };
}

function figuresOf(buckets: readonly Bucket[]): SideFigures | undefined {
  const samples = buckets.reduce((sum, bucket) => sum + samplesOf(bucket), 0);
  if (samples === 0) return undefined;
  const bad = buckets.reduce((sum, { failed, away }) => sum + failed + away, 0);
  const byBound = LATENCY_BOUNDS.map((_, index) => buckets.reduce((sum, b) => sum + (b.latencies[index] ?? 0), 0));
  return { samples, failureRate: bad / samples, p95Ms: percentile(byBound, samples * 0.95) };
}

function percentile(byBound: readonly number[], rank: number): number {
  let seen = 0;
  for (const [index, n] of byBound.entries()) {
    seen += n;
    if (seen >= rank) return LATENCY_BOUNDS[index] ?? 0;
  }
  return LATENCY_BOUNDS[LATENCY_BOUNDS.length - 1] ?? 0;
}

function whatIsBroken(
  { new: moved, old, complaints }: Omit<Judged, 'broken'>,
  plan: CutoverPlan,
): StopReason | undefined {
  if (complaints >= plan.complaints) return 'complaints';
  if (!moved) return undefined;
  if (isOver(moved.failureRate, plan.failureRate, old?.failureRate, plan.failureRateOver)) return 'failure-rate';
  return isOver(moved.p95Ms, plan.p95Ms, old?.p95Ms, plan.p95OverMs) ? 'latency' : undefined;
}

const isOver = (value: number, most: number, baseline: number | undefined, over: number): boolean =>
  value > most || (baseline !== undefined && value > baseline + over);
