import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import type { OneTimeCodes } from '../credentials/one-time-codes.ts';
import { readAccount } from '../lifecycle/read-account.ts';
import { wantEnding } from '../lifecycle/session-endings.ts';
import { lockAccount, readDataKey } from '../store/account-rows.ts';
import { type ContactChange, readChange, takeChange, writeChange } from '../store/contact-change-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import { countEmails, holderOfEmail } from '../store/email-rows.ts';
import { addEmail, MAX_EMAILS } from './add-email.ts';
import { canonicalEmail, isEmailAddress, tidy } from './canonical-email.ts';
import type { BeginResult, ChangePlace, FinishRequest, FinishResult } from './contacts.ts';
import { emailKey } from './email-key.ts';

export interface ChangeDeps extends AccountsDeps {
  readonly codes: OneTimeCodes;
}

const PURPOSE = 'new-address';
const LIFETIME_SECONDS = 15 * 60;
const PLACE = 'contact_changes:address';

const boundKey = ({ keyRing }: ChangeDeps, { accountId, place }: ChangePlace): Buffer =>
  keyRing.lookupKey('contact-change', accountId, place.journeyId, place.browserKey);

const codeBoundTo = ({ accountId, place }: ChangePlace, address: string): readonly string[] => [
  accountId,
  place.journeyId,
  place.browserKey,
  canonicalEmail(address),
];

/** Bound to account, browser, sign-in and account version: any change of credential, contact or link voids it (L4). */
export async function beginChange(
  deps: ChangeDeps,
  tx: Transaction,
  change: ChangePlace & { readonly address: string },
  meta: ActionMeta,
): Promise<BeginResult> {
  const { accountId, address } = change;
  if (!isEmailAddress(address)) throw new LatchkeyError('input_invalid', 'This is not an e-mail address.');
  const at = deps.now();
  const account = await lockAccount(tx, accountId);
  if (!account) throw new LatchkeyError('not_found', 'There is no such account.');
  // Only its own are told apart here: what others have is nobody's business until the mailbox is proved.
  if ((await holderOfEmail(tx, emailKey(deps.keyRing, address))) === accountId) return { outcome: 'already-there' };
  if ((await countEmails(tx, accountId)) >= MAX_EMAILS) return { outcome: 'too-many' };

  const boundTo = codeBoundTo(change, address);
  const issued = await deps.codes.issue(tx, { purpose: PURPOSE, boundTo, lifetimeSeconds: LIFETIME_SECONDS });
  const key = openDataKey(deps.keyRing, accountId, account.dataKey);
  const expiresAt = new Date(at.getTime() + LIFETIME_SECONDS * 1000);
  await writeChange(tx, {
    accountId,
    challengeId: issued.challengeId,
    addressSealed: key.seal(PLACE, tidy(address)),
    boundTo: boundKey(deps, change),
    accountVersion: account.version,
    createdAt: at,
    expiresAt,
  });
  await appendAudit(tx, { chain: `account:${accountId}`, type: 'account.email-change-begun', ...meta, accountId, at });
  return { outcome: 'begun', code: issued.code, expiresAt };
}

interface Pending extends ContactChange {
  readonly address: string;
}

/** The change that could still be finished from here. */
export async function pendingChange(deps: ChangeDeps, of: ChangePlace): Promise<Pending | undefined> {
  const change = await readChange(deps.db, of.accountId);
  if (!change || !change.boundTo.equals(boundKey(deps, of)) || change.expiresAt <= deps.now()) return undefined;
  const account = await readAccount(deps, of.accountId);
  if (account?.status !== 'active' || account.version !== change.accountVersion) return undefined;
  const dataKey = await readDataKey(deps.db, of.accountId);
  if (!dataKey) return undefined;
  const key = openDataKey(deps.keyRing, of.accountId, dataKey);
  return { ...change, address: key.open(PLACE, change.addressSealed) };
}

export async function finishChange(deps: ChangeDeps, request: FinishRequest): Promise<FinishResult> {
  const pending = await pendingChange(deps, request);
  if (!pending) return { outcome: 'void' };
  const { challengeId, address } = pending;
  const boundTo = codeBoundTo(request, address);
  const checked = await deps.codes.check({ challengeId, purpose: PURPOSE, boundTo, code: request.code });
  if (checked !== 'ok') return { outcome: checked };
  return deps.db.transaction((tx) => addProved(deps, tx, request, pending));
}

/** The mailbox is proved. Whatever happened to the account meanwhile voids it all the same. */
async function addProved(
  deps: ChangeDeps,
  tx: Transaction,
  { meta, alsoInTransaction }: FinishRequest,
  { accountId, address, challengeId, accountVersion }: Pending,
): Promise<FinishResult> {
  const account = await lockAccount(tx, accountId);
  if (account?.version !== accountVersion) return { outcome: 'void' };
  if (!(await takeChange(tx, { accountId, challengeId }))) return { outcome: 'void' };
  const added = await addEmail(deps, tx, { accountId, address }, meta);
  if (added.outcome === 'added') {
    await alsoInTransaction?.(tx, { address });
    return {
      outcome: 'added',
      address,
      ending: await wantEnding(tx, { accountId, reason: 'contact-added' }, deps.now()),
    };
  }
  if (added.outcome !== 'email-taken') return { outcome: added.outcome };
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'account.email-change-refused',
    ...meta,
    accountId,
    detail: { reason: 'taken' },
  });
  return { outcome: 'taken', address };
}
