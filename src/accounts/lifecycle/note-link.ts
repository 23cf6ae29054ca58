import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { Account, ActionMeta } from '../accounts.ts';
import { isAccountId, raiseVersion } from '../store/account-rows.ts';

/** An account whose links are about to change, held until the transaction ends. */
export interface HeldAccount {
  readonly status: Account['status'];
  readonly version: number;
  /** Of the password it has now. */
  readonly passwordId: string | undefined;
}

export interface ReservedSubject {
  readonly sector: string;
  readonly sub: string;
  /** Stands for the old account in the claims: nobody's account has this id. */
  readonly holder: string;
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
  /**
   * Takes an inherited subject off an account and keeps it for the old account's next holder: it never goes to anybody
   * else (L11). False when the account has no such subject.
   */
  reserveSubject(tx: Transaction, subject: ReservedSubject & { readonly accountId: string }): Promise<boolean>;
  /** Frees what `reserveSubject` kept, for whoever has proved the old account. */
  freeSubject(tx: Transaction, subject: ReservedSubject): Promise<void>;
}

export function createLinking({ keyRing, now }: Pick<AccountsDeps, 'keyRing' | 'now'>): Linking {
  const subKeyOf = ({ sector, sub }: ReservedSubject): Buffer => keyRing.lookupKey('subject', sector, sub);
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
    async reserveSubject(tx, subject) {
      const { accountId, sector, sub, holder } = subject;
      const gone = await tx.query({
        text: `DELETE FROM subjects WHERE account_id = $1 AND sector = $2 AND sub = $3 AND origin = 'inherited'
               RETURNING 1`,
        values: [accountId, sector, sub],
      });
      if (gone.length === 0) return false;
      await tx.query({
        text: 'UPDATE subject_claims SET account_id = $3 WHERE sub_key = $1 AND account_id = $2',
        values: [subKeyOf(subject), accountId, holder],
      });
      return true;
    },
    async freeSubject(tx, subject) {
      await tx.query({
        text: 'DELETE FROM subject_claims WHERE sub_key = $1 AND account_id = $2',
        values: [subKeyOf(subject), subject.holder],
      });
    },
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
