import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta, CreateOutcome, NewAccount } from '../accounts.ts';
import { isEmailAddress } from '../identities/canonical-email.ts';
import { emailKey } from '../identities/email-key.ts';
import { writeEmail } from '../identities/write-email.ts';
import { insertAccount } from '../store/account-rows.ts';
import { newDataKey } from '../store/data-key.ts';
import { claimEmail } from '../store/email-rows.ts';
import { passwordPlace, replacePassword } from '../store/password-rows.ts';

/** The place of the profile among an account's sealed values. */
export const PROFILE = 'accounts:profile';

export async function createAccount(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  account: NewAccount,
  meta: ActionMeta,
): Promise<CreateOutcome> {
  if (!isEmailAddress(account.email)) throw new LatchkeyError('input_invalid', 'This is not an e-mail address.');
  const at = now();
  const accountId = uuidv7(at.getTime());
  const valueKey = emailKey(keyRing, account.email);
  const claim = await claimEmail(tx, { valueKey, accountId, at });
  if (!claim.claimed) return { outcome: 'email-taken', accountId: claim.holder };

  const { key, wrapped } = newDataKey(keyRing, accountId);
  const profile = account.name === undefined ? undefined : key.seal(PROFILE, JSON.stringify({ name: account.name }));
  await insertAccount(tx, { accountId, dataKey: wrapped, profile, language: account.language, at });
  await writeEmail(tx, { accountId, address: account.email, valueKey, key, primary: true, at });
  if (account.password !== undefined) {
    const credentialId = uuidv7(at.getTime());
    const sealed = key.seal(passwordPlace(credentialId), account.password);
    const belowPolicy = account.passwordBelowPolicy ?? false;
    await replacePassword(tx, { accountId, credentialId, sealed, belowPolicy, at });
  }
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'account.created',
    ...meta,
    accountId,
    detail: { hasPassword: account.password !== undefined, belowPolicy: account.passwordBelowPolicy ?? false },
    at,
  });
  return { outcome: 'created', accountId };
}
