import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { lockAccount, raiseVersion } from '../store/account-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import { passwordPlace, replacePassword } from '../store/password-rows.ts';
import type { PasswordHash } from './hash-password.ts';

export interface SetPassword {
  readonly accountId: string;
  readonly hash: PasswordHash;
  readonly belowPolicy: boolean;
}

export async function setPassword(
  { keyRing, attempts, now }: AccountsDeps,
  tx: Transaction,
  { accountId, hash, belowPolicy }: SetPassword,
  meta: ActionMeta,
): Promise<void> {
  const at = now();
  const account = await lockAccount(tx, accountId);
  if (!account) throw new LatchkeyError('not_found', 'There is no such account.');
  await raiseVersion(tx, accountId);
  const credentialId = uuidv7(at.getTime());
  const key = openDataKey(keyRing, accountId, account.dataKey);
  const sealed = key.seal(passwordPlace(credentialId), hash);
  await replacePassword(tx, { accountId, credentialId, sealed, belowPolicy, at });
  await attempts.reset('password-failures', accountId, tx);
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'account.password-set',
    ...meta,
    accountId,
    detail: { belowPolicy },
    at,
  });
}
