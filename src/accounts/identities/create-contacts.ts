import type { AccountsDeps } from '../accounts-deps.ts';
import { readDataKey } from '../store/account-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import { beginChange, type ChangeDeps, finishChange, pendingChange } from './change-contact.ts';
import type { Contacts } from './contacts.ts';
import { emailKey } from './email-key.ts';
import { listContacts, type OwnContact } from './list-contacts.ts';
import { finishRemovals, keepContact, makePrimary, removeContact, takeOver, younger } from './remove-contact.ts';

export function createContacts(deps: ChangeDeps): Contacts {
  return {
    list: (accountId) => contactsOf(deps, accountId),
    begin: (tx, change, meta) => beginChange(deps, tx, change, meta),
    pending: async (of) => (await pendingChange(deps, of))?.address,
    finish: (request) => finishChange(deps, request),
    makePrimary: (tx, contact, meta) => makePrimary(deps, tx, contact, meta),
    remove: (tx, contact, meta) => removeContact(deps, tx, contact, meta),
    keep: (tx, contact, meta) => keepContact(deps, tx, contact, meta),
    youngerThan: async (accountId, address) =>
      younger(await contactsOf(deps, accountId), emailKey(deps.keyRing, address)),
    takeOver: (tx, recovery, meta) => takeOver(deps, tx, recovery, meta),
    finishRemovals: (limit) => finishRemovals(deps, limit),
  };
}

async function contactsOf(deps: AccountsDeps, accountId: string): Promise<OwnContact[]> {
  const dataKey = await readDataKey(deps.db, accountId);
  if (!dataKey) return [];
  return listContacts(deps, deps.db, { accountId, key: openDataKey(deps.keyRing, accountId, dataKey) });
}
