import { appendAudit, type AuditEventType } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { lockAccount, raiseVersion } from '../store/account-rows.ts';
import {
  type ContactId,
  deleteContact,
  deleteLeaving,
  leavingDue,
  postponeLeaving,
  setPrimaryContact,
  writeLeaving,
} from '../store/contact-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import type { PrimaryResult, RemoveResult } from './contacts.ts';
import { emailKey } from './email-key.ts';
import { listContacts, type OwnContact } from './list-contacts.ts';

/** Long enough to read mail after a holiday weekend; short enough for somebody who means it. */
const LEAVES_AFTER_MS = 7 * 86_400_000;

export async function removeContact(
  deps: AccountsDeps,
  tx: Transaction,
  contact: ContactId,
  meta: ActionMeta,
): Promise<RemoveResult> {
  const one = find(await hold(deps, tx, contact.accountId), contact);
  if (!one) return { outcome: 'refused', reason: 'not-found' };
  if (one.removal !== 'possible') return { outcome: 'refused', reason: one.removal };
  const at = deps.now();
  const leavesAt = new Date(at.getTime() + LEAVES_AFTER_MS);
  await writeLeaving(tx, contact, { at, leavesAt });
  await record(deps, tx, { ...contact, type: 'account.email-leaving', meta });
  return { outcome: 'leaving', address: one.address, leavesAt };
}

export async function keepContact(
  deps: AccountsDeps,
  tx: Transaction,
  contact: ContactId,
  meta: ActionMeta,
): Promise<boolean> {
  if (!find(await hold(deps, tx, contact.accountId), contact)) return false;
  if (!(await deleteLeaving(tx, contact))) return false;
  await record(deps, tx, { ...contact, type: 'account.email-kept', meta });
  return true;
}

export async function makePrimary(
  deps: AccountsDeps,
  tx: Transaction,
  contact: ContactId,
  meta: ActionMeta,
): Promise<PrimaryResult> {
  const one = find(await hold(deps, tx, contact.accountId), contact);
  if (!one) return { outcome: 'refused', reason: 'not-found' };
  if (one.leavesAt) return { outcome: 'refused', reason: 'already-leaving' };
  if (one.primary) return { outcome: 'refused', reason: 'already-primary' };
  await setPrimaryContact(tx, contact);
  await record(deps, tx, { ...contact, type: 'account.email-made-primary', meta });
  return { outcome: 'primary', address: one.address };
}

/** Those that were added after the one with this look-up key and may go at once. */
export function younger(contacts: readonly OwnContact[], proved: Buffer): OwnContact[] {
  const own = contacts.find(({ valueKey }) => valueKey.equals(proved));
  if (!own) return [];
  return contacts.filter(({ addedAt, lockedUntil }) => addedAt > own.addedAt && lockedUntil === undefined);
}

export interface TakeOver {
  readonly accountId: string;
  readonly proved: string;
  readonly keep: readonly string[];
}

export async function takeOver(
  deps: AccountsDeps,
  tx: Transaction,
  { accountId, proved, keep }: TakeOver,
  meta: ActionMeta,
): Promise<string[]> {
  const contacts = await hold(deps, tx, accountId);
  const provedKey = emailKey(deps.keyRing, proved);
  const own = contacts.find(({ valueKey }) => valueKey.equals(provedKey));
  if (!own) return [];
  const { identityId } = own;
  if (await deleteLeaving(tx, { accountId, identityId }))
    await record(deps, tx, { accountId, identityId, type: 'account.email-kept', meta });
  const gone = younger(contacts, provedKey).filter((one) => !keep.includes(one.identityId));
  // Somebody who came later may have put their own address first.
  if (gone.some(({ primary }) => primary)) await setPrimaryContact(tx, { accountId, identityId });
  for (const one of gone) await drop(deps, tx, { accountId, one, meta });
  return gone.map(({ address }) => address);
}

/** In a short transaction each: whoever asks the account for something at this moment waits for one of them at most. */
export async function finishRemovals(deps: AccountsDeps, limit: number): Promise<number> {
  let gone = 0;
  for (const contact of await leavingDue(deps.db, deps.now(), limit))
    if (await deps.db.transaction((tx) => finishRemoval(deps, tx, contact))) gone += 1;
  return gone;
}

/** Judged anew: what was allowed a week ago may not be any more. */
async function finishRemoval(deps: AccountsDeps, tx: Transaction, contact: ContactId): Promise<boolean> {
  const { accountId } = contact;
  const contacts = await hold(deps, tx, accountId);
  const one = find(contacts, contact);
  if (one?.leavesAt === undefined || one.leavesAt > deps.now()) {
    // Went with a merge to another account, where it stays.
    if (!one) await deleteLeaving(tx, contact);
    return false;
  }
  if (one.lockedUntil) {
    await postponeLeaving(tx, contact, one.lockedUntil);
    return false;
  }
  if (one.primary || contacts.every(({ leavesAt }) => leavesAt !== undefined)) {
    await deleteLeaving(tx, contact);
    return false;
  }
  await drop(deps, tx, { accountId, one, meta: { actor: 'system' } });
  return true;
}

async function drop(
  deps: AccountsDeps,
  tx: Transaction,
  { accountId, one, meta }: { readonly accountId: string; readonly one: OwnContact; readonly meta: ActionMeta },
): Promise<void> {
  const { identityId, valueKey } = one;
  await deleteContact(tx, { accountId, identityId }, valueKey);
  await record(deps, tx, { accountId, identityId, type: 'account.email-removed', meta });
}

const find = (contacts: readonly OwnContact[], { identityId }: ContactId): OwnContact | undefined =>
  contacts.find((one) => one.identityId === identityId);

/** Holds the account; nothing of one that does not stand. */
async function hold(deps: AccountsDeps, tx: Transaction, accountId: string): Promise<OwnContact[]> {
  const account = await lockAccount(tx, accountId);
  if (!account) return [];
  return listContacts(deps, tx, { accountId, key: openDataKey(deps.keyRing, accountId, account.dataKey) });
}

interface Recorded extends ContactId {
  readonly type: AuditEventType;
  readonly meta: ActionMeta;
}

async function record(
  { now }: AccountsDeps,
  tx: Transaction,
  { accountId, identityId, type, meta }: Recorded,
): Promise<void> {
  await raiseVersion(tx, accountId);
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type,
    ...meta,
    accountId,
    detail: { identityId },
    at: now(),
  });
}
