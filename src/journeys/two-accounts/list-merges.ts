import type { FastifyReply } from 'fastify';
import { dateIn, timeIn } from '../../platform/pages/say-when.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';

/** What became part of this account, what was undone, and until when the rest can be. */
export async function listMerges(deps: JourneyDeps, { account, reply, language }: AccountVisit): Promise<FastifyReply> {
  const merges = await deps.accounts.merging.list(account.accountId);
  return reply.page('journeys/two-accounts/list-merges.njk', {
    backLink: '/account',
    merges: merges.map((merge) => ({
      mergeId: merge.mergeId,
      mergedAt: timeIn(language, merge.mergedAt),
      until: dateIn(language, merge.undoableUntil),
      undoneAt: merge.undoneAt && dateIn(language, merge.undoneAt),
      undo: merge.undo,
    })),
  });
}
