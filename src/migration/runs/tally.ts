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

/** What a verification of the row will cost: a weak hash is stored wrapped. Rows without a password answer like a decoy. */
function tallyCost({ costs }: Tally, { hash }: GoodRow, times: 1 | -1): void {
  if (!hash) return;
  const kind = `${hash.weak ? 'wrapped' : hash.scheme}:${hash.cost}` as const;
  costs[kind] = (costs[kind] ?? 0) + times;
}

/** A row that was good by itself, and cannot go in beside the others. */
export function tallyTaken(tally: Tally, row: GoodRow): void {
  tallyReject(tally, ['login_taken']);
  tallyCost(tally, row, -1);
}

/** Counted by the first code, so that the codes sum to the rows. */
export function tallyReject(tally: Tally, [code]: readonly RejectCode[]): void {
  if (code === undefined) return;
  tally.counts.rejected += 1;
  tally.rejections[code] = (tally.rejections[code] ?? 0) + 1;
}

export function tallyGood(tally: Tally, row: GoodRow): void {
  tallyCost(tally, row, 1);
  for (const note of row.notes) tally.notes[note] = (tally.notes[note] ?? 0) + 1;
}
