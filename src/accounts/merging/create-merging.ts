import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Queryable } from '../../platform/postgres/database.ts';
import { isAccountId } from '../store/account-rows.ts';
import { createAccountProofs } from './account-proofs.ts';
import { mayUndo, notUndoableBefore, undoableUntil } from './decide-unmerge.ts';
import { mergeAccounts, planAccounts } from './merge-accounts.ts';
import type { ListedMerge, Merging } from './merging.ts';
import type { MergingDeps, OnSubjectsMerged } from './merging-deps.ts';
import { forgetLedgers, mergesOf } from './store/merge-ledger.ts';
import { unmergeAccounts } from './unmerge-accounts.ts';

export interface MergingOptions {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly onSubjectsMerged?: OnSubjectsMerged | undefined;
  readonly now: () => Date;
}

export function createMerging({ db, keyRing, now, onSubjectsMerged = async () => {} }: MergingOptions): Merging {
  const deps: MergingDeps = { db, keyRing, proofs: createAccountProofs(keyRing), onSubjectsMerged, now };
  return {
    prove: (tx, proof) => deps.proofs.issue(tx, proof, now()),
    plan: (request) => planAccounts(deps, request),
    merge: (tx, act) => mergeAccounts(deps, tx, act),
    unmerge: (tx, request, meta) => unmergeAccounts(deps, tx, { request, meta }),
    list: (accountId) => listMerges(db, accountId, now()),
    standsFor: (accountId) => standsFor(db, accountId),
    forgetLedgers: (limit) => forgetLedgers(db, notUndoableBefore(now()), limit),
  };
}

async function listMerges(db: Queryable, accountId: string, now: Date): Promise<ListedMerge[]> {
  const merges = await mergesOf(db, accountId);
  if (merges.length === 0) return [];
  const survivorMerged = (await absorbedInto(db, accountId)) !== undefined;
  return merges.map((merge) => ({
    mergeId: merge.mergeId,
    absorbed: merge.absorbedId,
    mergedAt: merge.mergedAt,
    undoneAt: merge.undoneAt ?? undefined,
    undoableUntil: undoableUntil(merge.mergedAt),
    undo: mayUndo(merge, merges, { now, survivorMerged }),
  }));
}

async function absorbedInto(db: Queryable, accountId: string): Promise<string | undefined> {
  const [row] = await db.query<{ survivor_id: string }>({
    name: 'merged-into',
    text: 'SELECT survivor_id FROM merged_accounts WHERE absorbed_id = $1',
    values: [accountId],
  });
  return row?.survivor_id;
}

async function standsFor(db: Queryable, accountId: string): Promise<string> {
  if (!isAccountId(accountId)) return accountId;
  let standing = accountId;
  for (let next: string | undefined = standing; next !== undefined; next = await absorbedInto(db, standing))
    standing = next;
  return standing;
}
