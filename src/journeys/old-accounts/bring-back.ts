import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { RestoreResult } from '../../migration/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { linkInWords, readOwnLink } from './link-in-words.ts';

const Empty = Type.Object({}, { additionalProperties: false });

/** Staff removed an old account: for seven days its owner can take that back (linking-attacks 17). */
export async function showBringBack(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const link = await readOwnLink(deps, visit);
  if (!link?.undone) return visit.reply.errorPage('notFound');
  return show(deps, visit, link.undone.wayBackUntil !== undefined);
}

export async function bringBack(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const link = await readOwnLink(deps, visit);
  if (!link) return visit.reply.errorPage('notFound');
  const result = await restore(deps, visit, link.linkId);
  if (result.outcome === 'needs-proof')
    return visit.reply.redirect(deps.port.signInPath(pathOf(link.linkId), { fresh: true }), 303);
  if (result.outcome === 'refused') return show(deps, visit, false);
  deps.nudgeOutbox();
  await endThoseSessions(deps, [result.ending], visit.session);
  return visit.reply.redirect(`/account/old-accounts/${result.linkId}`, 303);
}

async function show(deps: JourneyDeps, visit: AccountVisit, isPossible: boolean): Promise<FastifyReply> {
  const link = await readOwnLink(deps, visit);
  if (!link) return visit.reply.errorPage('notFound');
  return visit.reply.page(
    'journeys/old-accounts/bring-back.njk',
    {
      formToken: visit.token,
      backLink: '/account/old-accounts',
      action: pathOf(link.linkId),
      link: await linkInWords(deps, link, visit.language),
      isPossible,
    },
    { status: isPossible ? 200 : 409 },
  );
}

function restore(deps: JourneyDeps, { account, session, place }: AccountVisit, linkId: string): Promise<RestoreResult> {
  return deps.migration.links.restore({
    accountId: account.accountId,
    linkId,
    accountProvedAt: session.authTime,
    meta: { actor: 'citizen', correlationId: place.journeyId },
    async alsoInTransaction(tx, { contactsBefore, oldEmail, sourceName, language }) {
      const to = new Set([...contactsBefore, ...(oldEmail === undefined ? [] : [oldEmail])]);
      const values = { source: nameIn(sourceName, language) };
      await sendNotice(deps, tx, { notice: 'old-account-restored', to: [...to], language, values });
    },
  });
}

const pathOf = (linkId: string): string => `/account/old-accounts/${linkId}/bring-back`;
