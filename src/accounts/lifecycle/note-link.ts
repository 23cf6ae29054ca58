import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { Account, ActionMeta } from '../accounts.ts';
import { type FreeSubject, type ReserveSubject, freeSubject, reserveSubject } from './reserve-subject.ts';
import { isAccountId, raiseVersion } from '../store/account-rows.ts';

/** An account whose links are about to change, held until the transaction ends. */
export interface HeldAccount {
  readonly status: Account['status'];
  readonly version: number;
  /** Of the password it has now. */
  readonly passwordId: string | undefined;
}

/** What a change of links does to an account, inside the transaction of that change. */
export interface Linking {
  /** Locks the account, whatever its status: changes of its links happen one after the other (linking-attacks 35). */
  hold(tx: Transaction, accountId: string): Promise<HeldAccount | undefined>;
  /** Raises the version: what was decided on an older one is decided anew. */
  noteLink(tx: Transaction, accountId: string): Promise<void>;
  /** Removes the password that an adoption set, unless it was changed since or is the last way in (L15). */
  dropPassword(
    tx: Transaction,
    password: { readonly accountId: string; readonly credentialId: string },
    meta: ActionMeta,
  ): Promise<'removed' | 'kept-changed' | 'kept-last'>;
  /** Takes an inherited subject off an account and keeps it for the old account's next holder. Returns the sectors. */
  reserveSubject(tx: Transaction, subject: ReserveSubject): Promise<readonly string[]>;
  /** Frees what `reserveSubject` kept, for whoever has proved the old account. */
  freeSubject(tx: Transaction, subject: FreeSubject): Promise<void>;
}

export function createLinking({ keyRing, now }: Pick<AccountsDeps, 'keyRing' | 'now'>): Linking {
  return {
    hold: holdAccount,
    noteLink: raiseVersion,
    async dropPassword(tx, { accountId, credentialId }, meta) {
      const [row] = await tx.query<{ mine: number; others: number }>({
        text: `SELECT count(*) FILTER (WHERE credential_id = $2)::int AS mine,
                      count(*) FILTER (WHERE credential_id <> $2)::int AS others
               FROM credentials WHERE account_id = $1`,
        values: [accountId, credentialId],
      });
      if (!row || row.mine === 0) return 'kept-changed';
      if (row.others === 0) return 'kept-last';
      await tx.query({
        text: 'DELETE FROM credentials WHERE account_id = $1 AND credential_id = $2',
        values: [accountId, credentialId],
      });
      const at = now();
      await appendAudit(tx, {
        chain: `account:${accountId}`,
        type: 'account.password-removed',
        ...meta,
        accountId,
        detail: { because: 'link-undone' },
        at,
      });
      return 'removed';
    },
    reserveSubject: (tx, subject) => reserveSubject({ keyRing, now }, tx, subject),
    freeSubject: (tx, subject) => freeSubject({ keyRing, now }, tx, subject),
  };
}

async function holdAccount(tx: Transaction, accountId: string): Promise<HeldAccount | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const [account] = await tx.query<{ status: Account['status']; version: number }>({
    text: 'SELECT status, version FROM accounts WHERE account_id = $1 FOR UPDATE',
    values: [accountId],
  });
  if (!account) return undefined;
  const [password] = await tx.query<{ credential_id: string }>({
    text: `SELECT credential_id FROM credentials WHERE account_id = $1 AND kind = 'password'`,
    values: [accountId],
  });
  return { ...account, passwordId: password?.credential_id };
}
