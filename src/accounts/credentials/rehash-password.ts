import { appendAudit } from '../../audit/index.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { DataKey } from '../store/data-key.ts';
import { passwordPlace, swapSecret } from '../store/password-rows.ts';
import { hashPassword } from './hash-password.ts';

export interface RehashPassword {
  readonly accountId: string;
  readonly credentialId: string;
  /** The sealed hash that the password was just checked against. */
  readonly sealed: Buffer;
  readonly key: DataKey;
  readonly password: string;
}

/** Raises a hash to today's parameters. It never fails a sign-in: the next one tries again. */
export async function rehashPassword(deps: AccountsDeps, rehash: RehashPassword): Promise<void> {
  const { accountId, credentialId } = rehash;
  try {
    const hash = await hashPassword(deps.passwordWork, rehash.password);
    const to = rehash.key.seal(passwordPlace(credentialId), hash);
    await deps.db.transaction(async (tx) => {
      if (!(await swapSecret(tx, { accountId, credentialId, from: rehash.sealed, to }))) return;
      await appendAudit(tx, {
        chain: `account:${accountId}`,
        type: 'account.password-rehashed',
        actor: 'system',
        accountId,
        at: deps.now(),
      });
    });
  } catch (error) {
    deps.onError(error);
  }
}
