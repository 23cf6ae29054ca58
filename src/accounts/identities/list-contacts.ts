import type { Queryable } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import { notUndoableBefore, undoableUntil } from '../merging/decide-unmerge.ts';
import { mergesOf } from '../merging/store/merge-ledger.ts';
import type { DataKey } from '../store/data-key.ts';
import { type ContactRow, readContacts } from '../store/contact-rows.ts';
import type { ListedContact } from './contacts.ts';
import { judgeRemoval } from './judge-removal.ts';
import { emailPlace } from './write-email.ts';

export interface OwnContact extends ListedContact {
  readonly valueKey: Buffer;
}

/** The addresses of an account with what may be done with each. Inside a transaction: of an account that is held. */
export async function listContacts(
  { now }: Pick<AccountsDeps, 'now'>,
  db: Queryable,
  { accountId, key }: { readonly accountId: string; readonly key: DataKey },
): Promise<OwnContact[]> {
  const rows = await readContacts(db, accountId);
  const locks = await standingMerges(db, accountId, now());
  const contacts = rows.map((row) => ({
    identityId: row.identity_id,
    address: key.open(emailPlace(row.identity_id), row.value_sealed),
    primary: row.is_primary,
    addedAt: row.created_at,
    leavesAt: row.leaves_at ?? undefined,
    lockedUntil: lockOf(row, locks),
    valueKey: row.value_key,
  }));
  return contacts.map((one) => ({ ...one, removal: judgeRemoval(one, contacts) }));
}

/** Merges that could still be undone, latest first. */
async function standingMerges(db: Queryable, accountId: string, now: Date): Promise<Date[]> {
  const merges = await mergesOf(db, accountId);
  const oldest = notUndoableBefore(now);
  return merges.filter(({ undoneAt, mergedAt }) => undoneAt === null && mergedAt >= oldest).map((one) => one.mergedAt);
}

/**
 * Whoever held both passwords could merge and then take the other side's addresses away, and with them every way to undo
 * it. So what stood on either side when they became one stays for as long as the merge can be undone.
 */
function lockOf({ created_at: createdAt }: ContactRow, merges: readonly Date[]): Date | undefined {
  const latest = merges.find((mergedAt) => createdAt <= mergedAt);
  return latest && undoableUntil(latest);
}
