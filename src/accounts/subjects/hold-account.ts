import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from '../store/account-rows.ts';

/**
 * What is written of an account and what takes the account away wait for each other: whichever comes second sees the first.
 * False when the account was closed, or became part of another one meanwhile.
 */
export async function isHeld(tx: Transaction, accountId: string): Promise<boolean> {
  if (!isAccountId(accountId)) return false;
  const [row] = await tx.query<{ status: string }>({
    name: 'account-hold',
    text: 'SELECT status FROM accounts WHERE account_id = $1 FOR KEY SHARE',
    values: [accountId],
  });
  return row !== undefined && row.status !== 'closed' && row.status !== 'merged';
}

/** @throws LatchkeyError `not_allowed` where `isHeld` is false. */
export async function holdAccount(tx: Transaction, accountId: string): Promise<void> {
  if (!(await isHeld(tx, accountId))) throw new LatchkeyError('not_allowed', 'This account cannot be used.');
}
