import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import { claimSubject, findSubject, insertSubject, releaseSubject } from '../store/subject-rows.ts';

export async function ensureSubject(
  { keyRing, now, prefix }: AccountsDeps & { readonly prefix: string },
  tx: Transaction,
  { accountId, sector }: { readonly accountId: string; readonly sector: string },
): Promise<string> {
  const found = await findSubject(tx, accountId, sector);
  if (found !== undefined) return found;

  const at = now();
  const sub = prefix + keyRing.pairwise(sector, accountId).toString('base64url');
  const subKey = keyRing.lookupKey('subject', sector, sub);
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
