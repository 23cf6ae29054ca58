import type { FastifyReply } from 'fastify';
import { dateIn, timeIn } from '../../platform/pages/say-when.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from './account-visit.ts';

export async function showAccount(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, session, request, reply, token } = visit;
  const language = request.language();
  const [links, organisations, merges, sessions] = await Promise.all([
    deps.migration.links.list(account.accountId),
    deps.accounts.organisations.of(account.accountId),
    deps.accounts.merging.list(account.accountId),
    deps.port.listSessions(account.accountId),
  ]);
  const names = await serviceNames(
    deps,
    sessions.flatMap(({ clientIds }) => clientIds),
    language,
  );
  return reply.page('journeys/your-account/account.njk', {
    formToken: token,
    done: doneOf(request.query),
    account,
    since: dateIn(language, account.createdAt),
    hasMerges: merges.length > 0,
    oldAccounts: links.map((link) => ({
      linkId: link.linkId,
      name: nameIn(link.sourceName, language),
      since: dateIn(language, link.linkedAt),
    })),
    organisations: organisations.map(({ organisationId, name, role }) => ({ organisationId, name, role })),
    sessions: sessions.map((one) => ({
      key: one.sessionKey,
      isThis: one.sessionKey === session.sessionKey,
      started: timeIn(language, one.startedAt),
      lastSeen: timeIn(language, one.lastSeenAt),
      services: one.clientIds.map((clientId) => names.get(clientId)).filter((name) => name !== undefined),
    })),
  });
}

async function serviceNames(
  deps: Pick<JourneyDeps, 'relyingParties'>,
  clientIds: readonly string[],
  language: Language,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all([...new Set(clientIds)].map((clientId) => deps.relyingParties.find(clientId)));
  // Pages of our own are no service that somebody signed in to.
  const services = found
    .filter((service) => service !== undefined)
    .filter(({ metadata }) => metadata.kind === 'service');
  return new Map(services.map(({ clientId, metadata }) => [clientId, nameIn(metadata.name, language)]));
}

/** What was done a moment ago, from a fixed list: nothing of the address is shown on the page. */
function doneOf(query: unknown): 'password' | 'session' | undefined {
  const done = typeof query === 'object' && query !== null && 'done' in query ? query.done : undefined;
  return done === 'password' || done === 'session' ? done : undefined;
}
