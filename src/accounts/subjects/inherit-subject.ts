import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import { claimSubject, findSubject, insertSubject, releaseSubject } from '../store/subject-rows.ts';
import { continueSubject } from './continue-subject.ts';
import { holdAccount } from './hold-account.ts';
import { type InheritOutcome, type InheritSubject, isSubject } from './subjects.ts';
import type { SubjectsDeps } from './subjects-deps.ts';

export async function inheritSubject(
  deps: SubjectsDeps,
  tx: Transaction,
  { accountId, sector, sub, source }: InheritSubject,
  meta: ActionMeta,
): Promise<InheritOutcome> {
  if (!isSubject(sub)) throw new LatchkeyError('input_invalid', 'The old id cannot be passed on to services.');
  const { keyRing, now } = deps;
  await holdAccount(tx, accountId);
  const before = (await findSubject(tx, accountId, sector)) ?? (await continueSubject(deps, tx, { accountId, sector }));
  if (before !== undefined) return before === sub ? { outcome: 'inherited' } : { outcome: 'kept', sub: before };

  const at = now();
  const subKey = keyRing.lookupKey('subject', sector, sub);
  const holder = await claimSubject(tx, { subKey, accountId, sector, at });
  if (holder !== accountId) return { outcome: 'taken' };
  const inserted = await insertSubject(tx, { accountId, sector, sub, origin: 'inherited', source, at });
  if (!inserted) {
    const winner = await findSubject(tx, accountId, sector);
    if (winner === sub) return { outcome: 'inherited' };
    // A sign-in wrote the derived one meanwhile: the sub it never took is free again.
    await releaseSubject(tx, { subKey, accountId });
    return { outcome: 'kept', sub: winner ?? sub };
  }
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'subject.inherited',
    ...meta,
    accountId,
    detail: { sector, source },
    at,
  });
  return { outcome: 'inherited' };
}
