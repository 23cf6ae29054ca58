import { hasWayIn } from './join-and-part.ts';
import type { UnmergeRefusal, UnmergeResult } from './merging.ts';
import type { Pair } from './sides.ts';
import type { MergeRow } from './store/merge-ledger.ts';

export const UNDO_DAYS = 30;
const UNDO_MS = UNDO_DAYS * 86_400_000;

export function undoableUntil(mergedAt: Date): Date {
  return new Date(mergedAt.getTime() + UNDO_MS);
}

/** Merges from before this moment can no longer be undone. */
export function notUndoableBefore(now: Date): Date {
  return new Date(now.getTime() - UNDO_MS);
}

type Declined = Extract<UnmergeResult, { outcome: 'refused' }>;

/** Whether the ledger lets it be undone. Merges of one account come off in reverse order, since later ones stand on it. */
export function mayUndo(
  merge: MergeRow,
  merges: readonly MergeRow[],
  { now, survivorMerged }: { readonly now: Date; readonly survivorMerged: boolean },
): Exclude<UnmergeRefusal, 'not-found' | 'account-closed' | 'no-way-in'> | 'possible' {
  if (merge.undoneAt !== null) return 'already-undone';
  if (now > undoableUntil(merge.mergedAt)) return 'too-late';
  if (survivorMerged || merges.some(({ seq, undoneAt }) => undoneAt === null && seq > merge.seq))
    return 'later-merge-first';
  return 'possible';
}

/** A last way in can never be removed, on either side. */
export function checkWaysIn({ survivor, absorbed }: Pair): Declined | undefined {
  const side = [survivor, absorbed].find((one) => !hasWayIn(one));
  if (!side) return undefined;
  return { outcome: 'refused', reason: 'no-way-in', side: side === survivor ? 'survivor' : 'absorbed' };
}
