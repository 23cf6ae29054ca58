import { appendAudit, type AuditEventType } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import { wantEnding } from '../lifecycle/session-endings.ts';
import { writeSubjectMoves } from '../store/subject-move-rows.ts';
import type { MergedFacts, ToldContact } from './merging.ts';
import type { MergingDeps } from './merging-deps.ts';
import type { Pair } from './sides.ts';
import { type SubjectChange, subjectChanges } from './subject-changes.ts';

export interface Recorded {
  readonly type: Extract<AuditEventType, 'account.merged' | 'account.unmerged'>;
  readonly mergeId: string;
  readonly before: Pair;
  readonly after: Pair;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly meta: ActionMeta;
  readonly at: Date;
}

/** Audit on the chains of both, what each sector may fetch and is told, sessions that must end; and what the caller tells. */
export async function recordMerge(deps: MergingDeps, tx: Transaction, recorded: Recorded): Promise<MergedFacts> {
  const { mergeId, before, after, meta, at } = recorded;
  const [survivor, absorbed] = [before.survivor.accountId, before.absorbed.accountId];
  const subjects = subjectChanges(before, after);
  await recordSubjects(deps, tx, { subjects, at });
  for (const accountId of [survivor, absorbed]) {
    await appendAudit(tx, {
      chain: `account:${accountId}`,
      type: recorded.type,
      ...meta,
      accountId,
      detail: { mergeId, survivor, absorbed, ...recorded.detail },
      at,
    });
  }
  for (const { sector, change } of subjects) {
    await appendAudit(tx, {
      chain: `account:${survivor}`,
      type: change === 'joined' ? 'subject.aliased' : 'subject.parted',
      ...meta,
      accountId: survivor,
      detail: { sector, mergeId },
      at,
    });
  }
  const reason = recorded.type === 'account.merged' ? 'account-merged' : 'account-unmerged';
  const endings = [
    await wantEnding(tx, { accountId: survivor, reason }, at),
    await wantEnding(tx, { accountId: absorbed, reason }, at),
  ];
  return { mergeId, survivor, absorbed, contactsBefore: told(before, after), endings, subjects };
}

async function recordSubjects(
  { onSubjectsMerged }: MergingDeps,
  tx: Transaction,
  { subjects, at }: { readonly subjects: readonly SubjectChange[]; readonly at: Date },
): Promise<void> {
  const moves = subjects.map(({ sector, change, from, to }) => ({ sector, fromSector: sector, from, to, change }));
  await writeSubjectMoves(tx, moves, at);
  for (const change of subjects) await onSubjectsMerged(tx, change);
}

/** Each under the side that it is of: at a merge the one it was of before, at an un-merge the one it goes back to. */
function told(before: Pair, after: Pair): ToldContact[] {
  const sides = after.absorbed.contacts.length > 0 ? after : before;
  return (['survivor', 'absorbed'] as const).flatMap((of) => {
    const { accountId, language, contacts } = sides[of];
    return contacts.map(({ kind, value }) => ({ of, accountId, kind, address: value, language }));
  });
}
