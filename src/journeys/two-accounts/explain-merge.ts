import type { FastifyReply } from 'fastify';
import type { AccountVisit } from '../your-account/account-visit.ts';

/** "I have two Latchkey accounts": what it means, before anything is asked for. */
export async function explainMerge({ account, reply }: AccountVisit): Promise<FastifyReply> {
  return reply.page('journeys/two-accounts/explain-merge.njk', {
    backLink: '/account',
    address: account.emails[0]?.address,
  });
}
