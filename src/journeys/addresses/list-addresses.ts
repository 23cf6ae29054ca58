import type { FastifyReply } from 'fastify';
import { dateIn, timeIn } from '../../platform/pages/say-when.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import type { AddressDeps } from './address-act.ts';

const DONE = ['added', 'first', 'leaving', 'kept', 'void'] as const;

/** The addresses of the account, what may be done with each, and until when one that was removed can be kept. */
export async function listAddresses(deps: AddressDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, reply, request, language, token } = visit;
  const contacts = await deps.accounts.contacts.list(account.accountId);
  return reply.page('journeys/addresses/list-addresses.njk', {
    formToken: token,
    backLink: '/account',
    done: doneOf(request.query),
    addresses: contacts.map((one) => ({
      identityId: one.identityId,
      address: one.address,
      primary: one.primary,
      added: dateIn(language, one.addedAt),
      leaves: one.leavesAt && timeIn(language, one.leavesAt),
      lockedUntil: one.removal === 'locked' && one.lockedUntil ? dateIn(language, one.lockedUntil) : undefined,
      mayGo: one.removal === 'possible',
    })),
  });
}

/** What was done a moment ago, from a fixed list: nothing of the query is shown on the page. */
function doneOf(query: unknown): (typeof DONE)[number] | undefined {
  const done = typeof query === 'object' && query !== null && 'done' in query ? query.done : undefined;
  return DONE.find((known) => known === done);
}
