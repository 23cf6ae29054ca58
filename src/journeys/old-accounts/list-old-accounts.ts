import type { FastifyReply } from 'fastify';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { Language } from '../engine/step.ts';
import type { HeldRightInWords } from '../../migration/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { linkInWords, readOwnLink } from './link-in-words.ts';

/** Which old accounts are part of this account: since when, how that was proved, and what each gives. */
export async function listOldAccounts(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, reply, language } = visit;
  const { accountId } = account;
  const listed = await deps.migration.links.list(accountId, { withUndone: true });
  const shown = listed.filter(({ undone }) => !undone || undone.wayBackUntil);
  const explained = await Promise.all(shown.map(({ linkId }) => deps.migration.links.explain(linkId, { accountId })));
  const { rights } = await deps.migration.rights.of(accountId);
  const links = await Promise.all(
    explained.filter((link) => link !== undefined).map((link) => linkInWords(deps, link, language)),
  );
  return reply.page('journeys/old-accounts/list-old-accounts.njk', {
    backLink: '/account',
    links: links.filter(({ undone }) => !undone),
    agents: rights.map(({ linkId }) => linkId),
    removedByOthers: links.filter(({ undone }) => undone),
  });
}

/** "Why is this here?" */
export async function explainOldAccount(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const link = await readOwnLink(deps, visit);
  if (!link) return visit.reply.errorPage('notFound');
  const { rights, isComplete } = await deps.migration.rights.of(visit.account.accountId);
  return visit.reply.page('journeys/old-accounts/explain-old-account.njk', {
    backLink: '/account/old-accounts',
    link: await linkInWords(deps, link, visit.language),
    actsFor: rights.filter(({ linkId }) => linkId === link.linkId).map((right) => rightInWords(right, visit.language)),
    isComplete,
  });
}

const HALF_A_DAY_MS = 12 * 3600 * 1000;

/** One that ends at midnight is good to the end of the day before, which is the day that people know. */
function rightInWords(
  { client, kind, right, until }: HeldRightInWords,
  language: Language,
): { client: string; kind: string; right: string; until: string | undefined } {
  const isMidnight = until?.toISOString().endsWith('T00:00:00.000Z') ?? false;
  const last = until && new Date(until.getTime() - (isMidnight ? HALF_A_DAY_MS : 0));
  return { client, kind, right, until: last && dateIn(language, last) };
}
