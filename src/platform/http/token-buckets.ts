export interface BucketSize {
  /** What may be taken at once after a rest. */
  readonly burst: number;
  readonly perSecond: number;
}

/** How often something may happen, by key, in this process. */
export interface TokenBuckets {
  /** Seconds until the key may go on; 0 when it may now. Takes nothing. */
  waitOf(key: string): number;
  take(key: string): void;
}

interface Bucket {
  left: number;
  at: number;
}

const MOST_KEYS = 10_000;

export function createTokenBuckets({ burst, perSecond }: BucketSize, now: () => Date): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  const refilled = (bucket: Bucket, at: number): number =>
    Math.min(burst, bucket.left + (Math.max(0, at - bucket.at) / 1000) * perSecond);

  return {
    waitOf(key) {
      const bucket = buckets.get(key);
      if (!bucket) return 0;
      const left = refilled(bucket, now().getTime());
      return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond);
    },
    take(key) {
      const at = now().getTime();
      const bucket = buckets.get(key) ?? { left: burst, at };
      buckets.set(key, { left: Math.max(0, refilled(bucket, at) - 1), at });
      if (buckets.size > MOST_KEYS) forgetFull(at);
    },
  };

  /** A bucket that is full again is as good as none. */
  function forgetFull(at: number): void {
    for (const [key, bucket] of buckets) if (refilled(bucket, at) >= burst) buckets.delete(key);
  }
}
