import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta, AddEmailOutcome } from '../accounts.ts';
import { lockAccount, raiseVersion } from '../store/account-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import { claimEmail, clearPrimaryEmail, countEmails, holderOfEmail } from '../store/email-rows.ts';
import { isEmailAddress } from './canonical-email.ts';
import { emailKey } from './email-key.ts';
import { writeEmail } from './write-email.ts';

export const MAX_EMAILS = 12;

export interface AddEmail {
  readonly accountId: string;
  readonly address: string;
  readonly primary?: boolean;
}

export async function addEmail(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  email: AddEmail,
  meta: ActionMeta,
): Promise<AddEmailOutcome> {
  const { accountId, address } = email;
  if (!isEmailAddress(address)) throw new LatchkeyError('input_invalid', 'This is not an e-mail address.');
  const at = now();
  const account = await lockAccount(tx, accountId);
  if (!account) throw new LatchkeyError('not_found', 'There is no such account.');
  const valueKey = emailKey(keyRing, address);
  const before = await holderOfEmail(tx, valueKey);
  if (before !== undefined) return heldBy(before, accountId);
  const held = await countEmails(tx, accountId);
  if (held >= MAX_EMAILS) return { outcome: 'too-many' };
  const claim = await claimEmail(tx, { valueKey, accountId, at });
  if (!claim.claimed) return heldBy(claim.holder, accountId);

  await raiseVersion(tx, accountId);
  const primary = held === 0 || (email.primary ?? false);
  if (primary) await clearPrimaryEmail(tx, accountId);
  const key = openDataKey(keyRing, accountId, account.dataKey);
  const identityId = await writeEmail(tx, { accountId, address, valueKey, key, primary, at });
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'account.email-added',
    ...meta,
    accountId,
    detail: { identityId, primary },
    at,
  });
  return { outcome: 'added', identityId };
}

function heldBy(holder: string, accountId: string): AddEmailOutcome {
  return { outcome: holder === accountId ? 'already-there' : 'email-taken' };
}
