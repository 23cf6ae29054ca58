import type { DataKey } from '../../store/data-key.ts';
import type { Side } from '../sides.ts';

/** One of the two accounts: what it was, what it is to be, its key, and the account it gives to or takes from. */
export interface Change {
  readonly before: Side;
  readonly after: Side;
  readonly key: DataKey;
  readonly otherId: string;
}

/** What is in `some` and, by its name, not in `others`. */
export function without<R>(some: readonly R[], others: readonly R[], nameOf: (row: R) => string): R[] {
  const names = new Set(others.map(nameOf));
  return some.filter((row) => !names.has(nameOf(row)));
}

/** A row that was read under the lock and is not there when it is written: nothing may stand of such a transaction. */
export function mustBe(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`merging: ${found} of ${wanted} ${what} could be moved`);
}
