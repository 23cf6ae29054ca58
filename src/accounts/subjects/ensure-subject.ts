import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { claimSubject, findSubject, insertSubject, releaseSubject } from '../store/subject-rows.ts';
import { continueSubject } from './continue-subject.ts';
import { deriveSubject } from './derive-subject.ts';
import { holdAccount } from './hold-account.ts';
import type { SubjectsDeps } from './subjects-deps.ts';

export async function ensureSubject(
  deps: SubjectsDeps,
  tx: Transaction,
  { accountId, sector }: { readonly accountId: string; readonly sector: string },
): Promise<string> {
  // Before the look: a merge that is under way takes the subject away with it.
  await holdAccount(tx, accountId);
  const found = await findSubject(tx, accountId, sector);
  if (found !== undefined) return found;
  const continued = await continueSubject(deps, tx, { accountId, sector });
  if (continued !== undefined) return continued;

  const at = deps.now();
  const sub = deriveSubject(deps, { accountId, sector });
  const subKey = deps.keyRing.lookupKey('subject', sector, sub);
  const holder = await claimSubject(tx, { subKey, accountId, sector, at });
  // Only a sector that handed in our own subjects as its old ids could bring this about; nobody may then have it.
  if (holder !== accountId) throw new LatchkeyError('conflict', 'This service cannot be used with this account.');
  const inserted = await insertSubject(tx, { accountId, sector, sub, origin: 'derived', source: undefined, at });
  if (!inserted) {
    const winner = (await findSubject(tx, accountId, sector)) ?? sub;
    // An old account was adopted meanwhile and its subject inherited: the derived one is nobody's.
    if (winner !== sub) await releaseSubject(tx, { subKey, accountId });
    return winner;
  }
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'subject.derived',
    actor: 'system',
    accountId,
    detail: { sector },
    at,
  });
  return sub;
}
