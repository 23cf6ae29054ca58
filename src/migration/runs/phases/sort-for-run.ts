import { bucketOf } from '../../ledger/legacy-keys.ts';
import type { LocatedRow } from '../plan-batch.ts';
import type { SortedBatch } from '../sort-rows.ts';
import type { OutcomeOfRow } from './outcome-rows.ts';

export interface RowsOfBatch {
  /** To be staged. */
  readonly rows: readonly LocatedRow[];
  /** Decided already: rejected, or not in the cohort of the run. */
  readonly decided: readonly OutcomeOfRow[];
}

export function sortForRun({ rows, rejects }: SortedBatch, cohort: number): RowsOfBatch {
  const rejected = rejects.map(
    ({ line, codes }) => ({ line, outcome: 'rejected', code: codes[0], effect: 'none' }) as const,
  );
  const isIn = ({ legacyKey }: LocatedRow): boolean => cohort >= 10_000 || bucketOf(legacyKey) < cohort;
  const outside = rows
    .filter((row) => !isIn(row))
    .map(({ line }) => ({ line, outcome: 'outside', effect: 'none' }) as const);
  return { rows: outside.length === 0 ? rows : rows.filter(isIn), decided: [...rejected, ...outside] };
}
