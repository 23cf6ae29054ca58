import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ListedContact, RemoveResult } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { dateIn, timeIn } from '../../platform/pages/say-when.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { type Notice, sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { type AddressDeps, LIST_PAGE, metaOf } from './address-act.ts';

const Empty = Type.Object({}, { additionalProperties: false });

/** What removing an address does; or, plainly, why it cannot be removed. */
export async function showRemove(deps: AddressDeps, visit: AccountVisit): Promise<FastifyReply> {
  const one = await contactOf(deps, visit);
  if (!one) return visit.reply.errorPage('notFound');
  if (one.leavesAt) return visit.reply.redirect(LIST_PAGE, 303);
  return show(visit, one, one.removal);
}

export async function removeAddress(deps: AddressDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const one = await contactOf(deps, visit);
  if (!one) return visit.reply.errorPage('notFound');
  const { accountId } = visit.account;
  const result = await deps.db.transaction(async (tx) => {
    const removed = await deps.accounts.contacts.remove(tx, { accountId, identityId: one.identityId }, metaOf(visit));
    if (removed.outcome === 'leaving') await tellAll(deps, tx, visit, leavingNotice(visit, removed));
    return removed;
  });
  if (result.outcome === 'refused' && result.reason !== 'already-leaving') return show(visit, one, result.reason);
  deps.nudgeOutbox();
  return visit.reply.redirect(`${LIST_PAGE}?done=leaving`, 303);
}

const leavingNotice = (
  { account }: AccountVisit,
  { address, leavesAt }: Extract<RemoveResult, { outcome: 'leaving' }>,
): Told => ({ notice: 'address-leaving', address, values: { until: timeIn(account.language, leavesAt) } });

export async function makeFirst(deps: AddressDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const one = await contactOf(deps, visit);
  if (!one) return visit.reply.errorPage('notFound');
  const { accountId } = visit.account;
  await deps.db.transaction(async (tx) => {
    const contact = { accountId, identityId: one.identityId };
    const made = await deps.accounts.contacts.makePrimary(tx, contact, metaOf(visit));
    if (made.outcome === 'primary')
      await tellAll(deps, tx, visit, { notice: 'address-made-first', address: made.address });
  });
  deps.nudgeOutbox();
  return visit.reply.redirect(`${LIST_PAGE}?done=first`, 303);
}

export async function keepAddress(deps: AddressDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const one = await contactOf(deps, visit);
  if (!one) return visit.reply.errorPage('notFound');
  const { accountId } = visit.account;
  await deps.db.transaction(async (tx) => {
    const contact = { accountId, identityId: one.identityId };
    if (await deps.accounts.contacts.keep(tx, contact, metaOf(visit)))
      await tellAll(deps, tx, visit, { notice: 'address-kept', address: one.address });
  });
  deps.nudgeOutbox();
  return visit.reply.redirect(`${LIST_PAGE}?done=kept`, 303);
}

interface Told {
  readonly notice: Extract<Notice, `address-${string}`>;
  readonly address: string;
  readonly values?: Readonly<Record<string, string>>;
}

/** Every address of the account, the one that it is about among them. */
function tellAll(
  deps: AddressDeps,
  tx: Transaction,
  { account }: AccountVisit,
  { notice, address, values }: Told,
): Promise<void> {
  const to = account.emails.map((one) => one.address);
  const { language } = account;
  return sendNotice(deps, tx, { notice, to, language, values: { ...values, other: hintOfAddress(address) } });
}

/** An address of the citizen's own account; those of others do not exist here. */
async function contactOf(deps: AddressDeps, { account, request }: AccountVisit): Promise<ListedContact | undefined> {
  const [path = ''] = request.url.split('?');
  const contacts = await deps.accounts.contacts.list(account.accountId);
  return contacts.find(({ identityId }) => path.startsWith(`${LIST_PAGE}/${identityId}/`));
}

async function show(
  { reply, language, token }: AccountVisit,
  one: ListedContact,
  verdict: ListedContact['removal'],
): Promise<FastifyReply> {
  return reply.page(
    'journeys/addresses/remove-address.njk',
    {
      formToken: token,
      backLink: LIST_PAGE,
      action: `${LIST_PAGE}/${one.identityId}/remove`,
      address: one.address,
      verdict,
      until: one.lockedUntil && dateIn(language, one.lockedUntil),
    },
    { status: verdict === 'possible' ? 200 : 409 },
  );
}
