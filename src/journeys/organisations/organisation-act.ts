import type { ActionMeta, OrganisationView } from '../../accounts/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';

export const ORGANISATIONS = '/account/organisations';
export const JOIN = '/account/join';

export const pageOf = (organisationId: string): string => `${ORGANISATIONS}/${organisationId}`;

export const metaOf = ({ place }: AccountVisit): ActionMeta => ({
  actor: 'citizen',
  correlationId: place.journeyId,
});

const PATH = /^\/account\/organisations\/([0-9a-f-]{36})(?:\/members\/([0-9a-f-]{36}))?(?:[/?]|$)/;

/** The organisation of the page, for one of its members; to others it does not exist. */
export async function readOrganisation(
  deps: JourneyDeps,
  { account, request }: AccountVisit,
): Promise<OrganisationView | undefined> {
  const [, organisationId = ''] = PATH.exec(request.url) ?? [];
  return deps.accounts.organisations.read({ organisationId, accountId: account.accountId });
}

export const memberIdOf = ({ request }: AccountVisit): string => PATH.exec(request.url)?.[2] ?? '';
