const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
const MAX_KEYS = 10_000;

/** How long to wait after `failures` in a row: doubles, with a fifth of chance so that nodes do not knock together. */
export function backOff(failures: number, longestMs: number, random: () => number): number {
  const base = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20), longestMs);
  return Math.round(base * (0.9 + 0.2 * random()));
}

export interface Pauses {
  /** Until when `key` rests, in epoch milliseconds; undefined when it does not. */
  readonly until: (key: string, now: number) => number | undefined;
  /** Whether it failed last time and has rested: one try should tell before the rest follow. */
  readonly isOnProbation: (key: string, now: number) => boolean;
  /** One more failure: rests longer. Returns until when. */
  readonly fail: (key: string, now: number) => number;
  readonly succeed: (key: string) => void;
}

/** Remembers, in this process, which gateways and recipients do not answer, so that each is tried once per rest. */
export function createPauses(random: () => number): Pauses {
  const resting = new Map<string, { readonly failures: number; readonly until: number }>();
  return {
    until(key, now) {
      const rest = resting.get(key);
      return rest && rest.until > now ? rest.until : undefined;
    },
    isOnProbation(key, now) {
      const rest = resting.get(key);
      return rest !== undefined && rest.until <= now;
    },
    fail(key, now) {
      const before = resting.get(key);
      // Tries that were under way when the rest began tell nothing new.
      if (before && before.until > now) return before.until;
      const failures = (before?.failures ?? 0) + 1;
      const until = now + backOff(failures, LONGEST_MS, random);
      resting.delete(key);
      resting.set(key, { failures, until });
      const [oldest] = resting.keys();
      if (resting.size > MAX_KEYS && oldest !== undefined) resting.delete(oldest);
      return until;
    },
    succeed: (key) => void resting.delete(key),
  };
}
