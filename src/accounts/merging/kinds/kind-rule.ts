import type { MergeEntry, Pair } from '../sides.ts';

export interface Joined {
  readonly pair: Pair;
  readonly entries: readonly MergeEntry[];
}

/** What happens to one kind of thing. Both functions are pure; `part` undoes `join` and keeps what changed between. */
export interface KindRule {
  /** @param at when, ISO text. */
  join(pair: Pair, at: string): Joined;
  part(pair: Pair, entries: readonly MergeEntry[], continues: Continues): Pair;
}

/** Of each sector that keeps the subs of another one: that other one. */
export type Continues = ReadonlyMap<string, string>;
