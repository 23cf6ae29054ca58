import type { FastifyReply } from 'fastify';
import type { Service } from '../../relying-parties/index.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { type SeenText, whatServiceSees } from './what-service-sees.ts';

export interface ServiceInWords {
  readonly clientId: string;
  readonly name: string;
  readonly department: string;
  readonly homeUrl: string | undefined;
  readonly seen: readonly SeenText[];
  readonly whileAway: boolean;
}

/** Which services may ask about this account now, and what each sees (D19). */
export async function listServices(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, reply, language, request } = visit;
  const access = await deps.port.listAccess(account.accountId);
  const services = await Promise.all(access.map((one) => serviceInWords(deps, one, language)));
  return reply.page('journeys/services/list-services.njk', {
    backLink: '/account',
    isDone: typeof request.query === 'object' && request.query !== null && 'done' in request.query,
    services: services
      .filter((service) => service !== undefined)
      .toSorted((a, b) => a.name.localeCompare(b.name, language)),
  });
}

/** Undefined: it is none that a person knows as a service, or is on record no more. */
export async function serviceInWords(
  deps: Pick<JourneyDeps, 'relyingParties'>,
  { clientId, whileAway }: { readonly clientId: string; readonly whileAway: boolean },
  language: Language,
): Promise<ServiceInWords | undefined> {
  const service: Service | undefined = await deps.relyingParties.find(clientId);
  if (service?.metadata.kind !== 'service') return undefined;
  const { metadata, departmentName } = service;
  return {
    clientId,
    name: nameIn(metadata.name, language),
    department: nameIn(departmentName, language),
    homeUrl: metadata.homeUrl,
    seen: whatServiceSees(metadata),
    whileAway,
  };
}
