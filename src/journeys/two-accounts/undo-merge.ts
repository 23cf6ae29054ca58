import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ListedMerge, UnmergeResult } from '../../accounts/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { tellEverybody } from './tell-everybody.ts';

export const UNDONE_PAGE = '/account/merges/undone';

const Empty = Type.Object({}, { additionalProperties: false });

/** What undoing a merge does; or, plainly, why it cannot be undone. */
export async function showUndo(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const merge = await mergeOf(deps, visit);
  if (!merge) return visit.reply.errorPage('notFound');
  if (merge.undoneAt) return visit.reply.redirect('/account/merges', 303);
  return show(visit, merge, merge.undo);
}

export async function undoMerge(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const merge = await mergeOf(deps, visit);
  if (!merge) return visit.reply.errorPage('notFound');
  const result = await unmerge(deps, visit, merge);
  if (result.outcome === 'refused') {
    if (result.reason === 'already-undone') return visit.reply.redirect('/account/merges', 303);
    return show(visit, merge, result.reason);
  }
  deps.nudgeOutbox();
  // This session too: services signed in to with it may know the citizen by what is the other account's again.
  await endThoseSessions(deps, result.endings);
  return visit.reply.redirect(UNDONE_PAGE, 303);
}

async function unmerge(deps: JourneyDeps, visit: AccountVisit, merge: ListedMerge): Promise<UnmergeResult> {
  const asked = { survivor: visit.account.accountId, mergeId: merge.mergeId };
  const meta = { actor: 'citizen', correlationId: visit.place.journeyId };
  return deps.db.transaction(async (tx) => {
    const result = await deps.accounts.merging.unmerge(tx, asked, meta);
    if (result.outcome === 'unmerged')
      await tellEverybody(deps, tx, {
        notice: 'accounts-unmerged',
        contacts: result.contactsBefore,
        until: merge.undoableUntil,
      });
    return result;
  });
}

/** A merge of the citizen's own account; those of others do not exist here. */
async function mergeOf(deps: JourneyDeps, { account, request }: AccountVisit): Promise<ListedMerge | undefined> {
  const merges = await deps.accounts.merging.list(account.accountId);
  return merges.find(({ mergeId }) => pathOf({ mergeId }) === request.url.split('?')[0]);
}

const pathOf = ({ mergeId }: Pick<ListedMerge, 'mergeId'>): string => `/account/merges/${mergeId}/undo`;

type Verdict = 'possible' | Extract<UnmergeResult, { outcome: 'refused' }>['reason'];

async function show(visit: AccountVisit, merge: ListedMerge, verdict: Verdict): Promise<FastifyReply> {
  const { reply, language, token } = visit;
  return reply.page(
    'journeys/two-accounts/undo-merge.njk',
    {
      formToken: token,
      backLink: '/account/merges',
      action: pathOf(merge),
      verdict,
      mergedAt: dateIn(language, merge.mergedAt),
      until: dateIn(language, merge.undoableUntil),
    },
    { status: verdict === 'possible' ? 200 : 409 },
  );
}

/** Says nothing of anybody: there is no session any more. */
export async function showUndone(reply: FastifyReply): Promise<FastifyReply> {
  return reply.page('journeys/two-accounts/merge-undone.njk');
}
