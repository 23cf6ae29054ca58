import type { LegacyScheme } from '../../accounts/index.ts';
import type { GoodRow } from './judge-row.ts';
import type { RowCounts } from './import-outcome.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';

/** How many rows have a hash of which scheme and cost, as `bcrypt:10`: what a decoy has to look like. */
export type CostCounts = Record<`${LegacyScheme}:${number}`, number>;

/** The running balance of one import. */
export interface Tally {
  readonly counts: { -readonly [K in keyof RowCounts]: number };
  readonly rejections: Partial<Record<RejectCode, number>>;
  readonly notes: Partial<Record<NoteCode, number>>;
  readonly costs: CostCounts;
}

export const createTally = (): Tally => ({
  counts: { read: 0, created: 0, unchanged: 0, changed: 0, kept: 0, rejected: 0 },
  rejections: {},
  notes: {},
  costs: {},
});

export function tallyReject(tally: Tally, code: RejectCode): void {
  tally.counts.rejected += 1;
  tally.rejections[code] = (tally.rejections[code] ?? 0) + 1;
}

export function tallyGood(tally: Tally, row: GoodRow): void {
  const kind = `${row.scheme}:${row.cost}` as const;
  tally.costs[kind] = (tally.costs[kind] ?? 0) + 1;
  for (const note of row.notes) tally.notes[note] = (tally.notes[note] ?? 0) + 1;
}
