import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import { checkWaysIn, mayUndo } from './decide-unmerge.ts';
import { part } from './join-and-part.ts';
import { holdBoth } from './merge-accounts.ts';
import type { UnmergeRefusal, UnmergeRequest, UnmergeResult } from './merging.ts';
import type { MergingDeps } from './merging-deps.ts';
import { recordMerge } from './record-merge.ts';
import { keptSectors } from '../store/sector-move-rows.ts';
import { mergesOf, readEntries, writeUndone } from './store/merge-ledger.ts';
import { writePair } from './store/write-pair.ts';

type Declined = Extract<UnmergeResult, { outcome: 'refused' }>;

const refused = (reason: UnmergeRefusal): Declined => ({ outcome: 'refused', reason });

export async function unmergeAccounts(
  deps: MergingDeps,
  tx: Transaction,
  { request, meta }: { readonly request: UnmergeRequest; readonly meta: ActionMeta },
): Promise<UnmergeResult> {
  const result = await undo(deps, tx, { request, meta });
  if (result.outcome === 'unmerged' || result.reason === 'not-found') return result;
  await appendAudit(tx, {
    chain: `account:${request.survivor}`,
    type: 'account.unmerge-refused',
    ...meta,
    accountId: request.survivor,
    detail: { mergeId: request.mergeId, reason: result.reason },
  });
  return result;
}

async function undo(
  deps: MergingDeps,
  tx: Transaction,
  { request, meta }: { readonly request: UnmergeRequest; readonly meta: ActionMeta },
): Promise<UnmergeResult> {
  const { keyRing } = deps;
  const isIt = ({ mergeId }: { readonly mergeId: string }): boolean => mergeId === request.mergeId;
  const known = (await mergesOf(tx, request.survivor)).find(isIt);
  if (!known) return refused('not-found');
  const held = await holdBoth(deps, tx, { survivor: known.survivorId, absorbed: known.absorbedId });
  // Again, since only now nobody else changes it.
  const merges = await mergesOf(tx, request.survivor);
  const merge = merges.find(isIt);
  const { survivor, absorbed } = held;
  if (!merge || !survivor || !absorbed) return refused('account-closed');
  const at = deps.now();
  const may = mayUndo(merge, merges, { now: at, survivorMerged: survivor.side.status === 'merged' });
  if (may !== 'possible') return refused(may);

  const before = { survivor: survivor.side, absorbed: absorbed.side };
  const entries = await readEntries(tx, merge, absorbed.key);
  const after = part(before, entries, await keptSectors(tx));
  const stuck = checkWaysIn(after);
  if (stuck) return stuck;
  await writePair(tx, keyRing, { before, after, keys: { survivor: survivor.key, absorbed: absorbed.key } });
  await writeUndone(tx, merge, { at, by: meta.actor });
  const { mergeId } = merge;
  const recorded = { type: 'account.unmerged', mergeId, before, after, detail: {}, meta, at } as const;
  return { outcome: 'unmerged', ...(await recordMerge(deps, tx, recorded)) };
}
