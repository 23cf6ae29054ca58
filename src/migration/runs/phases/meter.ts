import type { PartProgress } from '../desk/run-types.ts';
import type { Lease } from './lease.ts';

export interface Meter {
  readonly bytes: (count: number) => void;
  report(rows: number): void;
}

type Total = { readonly bytesTotal: number } | { readonly rowsTotal: number; readonly before: number };

/** Tells how far the phase of a part is, with its rate and the time that is left. */
export function createMeter(lease: Lease, total: Total, phase: PartProgress['phase'] = lease.state): Meter {
  const started = performance.now();
  let bytesRead = 0;
  return {
    bytes(count) {
      bytesRead += count;
    },
    report(rows) {
      const seconds = Math.max((performance.now() - started) / 1000, 0.001);
      const before = 'before' in total ? total.before : 0;
      const share =
        'bytesTotal' in total ? bytesRead / Math.max(total.bytesTotal, 1) : rows / Math.max(total.rowsTotal, 1);
      const rowsPerSecond = Math.round((rows - before) / seconds);
      const rowsTotal = 'rowsTotal' in total ? total.rowsTotal : undefined;
      const rowsLeft = rowsTotal === undefined ? rows / Math.max(share, 1e-9) - rows : rowsTotal - rows;
      const secondsLeft = rowsPerSecond > 0 ? Math.round(rowsLeft / rowsPerSecond) : undefined;
      lease.report({ phase, rows, rowsTotal, share: Math.min(1, share), rowsPerSecond, secondsLeft });
    },
  };
}
