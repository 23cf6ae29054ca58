import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { LinkExplanation, UndoResult } from '../../migration/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import type { Problem } from '../engine/facts.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { linkInWords, readOwnLink } from './link-in-words.ts';

export const REMOVED_PAGE = '/account/old-accounts/removed';

const REASONS = ['not-wanted', 'mistake', 'not-mine'] as const;
const RemoveForm = Type.Object({ reason: Type.Optional(Type.Enum([...REASONS])) }, { additionalProperties: false });

/** What removing does, and why the citizen wants it. */
export async function showRemove(
  deps: JourneyDeps,
  visit: AccountVisit,
  errors: readonly Problem[] = [],
): Promise<FastifyReply> {
  const link = await readOwnLink(deps, visit);
  if (!link) return visit.reply.errorPage('notFound');
  if (link.undone) return visit.reply.redirect(pageOf(link), 303);
  return visit.reply.page(
    'journeys/old-accounts/remove-old-account.njk',
    {
      formToken: visit.token,
      backLink: '/account/old-accounts',
      action: pathOf(link),
      link: await linkInWords(deps, link, visit.language),
      errors,
    },
    { status: errors.length > 0 ? 400 : 200 },
  );
}

export async function removeOldAccount(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { reason } = readForm(RemoveForm, form);
  if (reason === undefined)
    return showRemove(deps, visit, [{ field: 'reason', key: 'journeys.oldAccounts.remove.problems.reason' }]);
  const link = await readOwnLink(deps, visit);
  if (!link) return visit.reply.errorPage('notFound');
  const result = await undo(deps, visit, link, reason);
  if (result.outcome === 'needs-proof')
    return visit.reply.redirect(deps.port.signInPath(pathOf(link), { fresh: true }), 303);
  // Another tab or an operator was first: the page shows how it stands.
  if (result.outcome === 'refused') return visit.reply.redirect(pageOf(link), 303);
  deps.nudgeOutbox();
  // This session too: services signed in to with it know the citizen by what is not theirs any more, and must hear.
  await endThoseSessions(deps, [result.ending]);
  return visit.reply.redirect(REMOVED_PAGE, 303);
}

/** Says nothing of anybody: there is no session any more. */
export async function showRemoved(reply: FastifyReply): Promise<FastifyReply> {
  return reply.page('journeys/old-accounts/removed.njk');
}

function undo(
  deps: JourneyDeps,
  { account, session, place }: AccountVisit,
  { linkId }: LinkExplanation,
  reason: (typeof REASONS)[number],
): Promise<UndoResult> {
  return deps.migration.links.undo({
    accountId: account.accountId,
    linkId,
    reason,
    accountProvedAt: session.authTime,
    meta: { actor: 'citizen', correlationId: place.journeyId },
    async alsoInTransaction(tx, { contactsBefore, oldEmail, sourceName, language }) {
      const to = new Set([...contactsBefore, ...(oldEmail === undefined ? [] : [oldEmail])]);
      const values = { source: nameIn(sourceName, language) };
      await sendNotice(deps, tx, { notice: 'old-account-removed', to: [...to], language, values });
    },
  });
}

const pageOf = ({ linkId }: Pick<LinkExplanation, 'linkId'>): string => `/account/old-accounts/${linkId}`;
const pathOf = (link: Pick<LinkExplanation, 'linkId'>): string => `${pageOf(link)}/remove`;
