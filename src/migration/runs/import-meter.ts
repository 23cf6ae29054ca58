import type { ImportRequest } from './import-outcome.ts';
import type { Tally } from './tally.ts';

const REPORT_EVERY_MS = 250;

export interface ImportMeter {
  readonly bytes: (count: number) => void;
  report(last?: boolean): void;
}

/** Tells how far an import is, four times a second at most. */
export function importMeter({ onProgress, bytesTotal }: ImportRequest, tally: Tally): ImportMeter {
  const started = performance.now();
  let bytesRead = 0;
  let reportedAt = started;
  return {
    bytes(count: number): void {
      bytesRead += count;
    },
    report(last = false): void {
      const time = performance.now();
      if (!onProgress || (!last && time - reportedAt < REPORT_EVERY_MS)) return;
      reportedAt = time;
      const seconds = (time - started) / 1000;
      const share = bytesTotal ? bytesRead / bytesTotal : undefined;
      onProgress({
        read: tally.counts.read,
        rejected: tally.counts.rejected,
        bytesRead,
        bytesTotal,
        rowsPerSecond: Math.round(tally.counts.read / Math.max(seconds, 0.001)),
        secondsLeft: share ? Math.round((seconds / share) * (1 - share)) : undefined,
      });
    },
  };
}
