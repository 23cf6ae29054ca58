import type { FastifyReply } from 'fastify';
import type { OrganisationView } from '../../accounts/index.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { pageOf, readOrganisation } from './organisation-act.ts';

const DONE = new Set(['made', 'joined', 'invited', 'withdrawn', 'removed']);

/** An organisation that the citizen acts for: who else does, for an administrator; how to leave, for everybody. */
export async function showOrganisation(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { reply, language, token } = visit;
  const organisation = await readOrganisation(deps, visit);
  if (!organisation) return reply.errorPage('notFound');
  const { organisationId, name, role, members, invitations } = organisation;
  return reply.page('journeys/organisations/show-organisation.njk', {
    formToken: token,
    backLink: '/account',
    base: pageOf(organisationId),
    done: doneOf(visit),
    name,
    role,
    members: await Promise.all(members.map((member) => inWords(deps, visit, member))),
    invitations: invitations.map((one) => ({ ...one, until: dateIn(language, one.expiresAt) })),
  });
}

/** As those who invited them know them: by the first address of their account. */
async function inWords(
  deps: JourneyDeps,
  { language }: AccountVisit,
  { memberId, accountId, role, joinedAt, isYou }: OrganisationView['members'][number],
) {
  const account = await deps.accounts.read(await deps.accounts.merging.standsFor(accountId));
  return { memberId, role, isYou, address: account?.emails[0]?.address ?? '', since: dateIn(language, joinedAt) };
}

/** What was done a moment ago, from a fixed list: nothing of the address is shown on the page. */
function doneOf({ request: { query } }: AccountVisit): string | undefined {
  const done = typeof query === 'object' && query !== null && 'done' in query ? query.done : undefined;
  return typeof done === 'string' && DONE.has(done) ? done : undefined;
}
