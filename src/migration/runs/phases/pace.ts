import { setTimeout as sleep } from 'node:timers/promises';

const WHOLE = 100;
/** After a stall of Postgres, say: long enough to let others in. */
const MAX_REST_MS = 10_000;

/** Milliseconds of rest that follow so many of work, where work is to take no more than `percent` of the time. */
export const restAfter = (workedMs: number, percent: number): number =>
  Math.min(workedMs * (WHOLE / percent - 1), MAX_REST_MS);

/**
 * Rests between two batches. It leaves others the database too, which a low priority of this process does not; and where the
 * database is slow, it is left alone for longer.
 */
export function createPace(percent: number, signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    const rest = restAfter(performance.now() - since, percent);
    if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => {});
    since = performance.now();
  };
}
