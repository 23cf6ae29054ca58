import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { serviceInWords } from './list-services.ts';

/** What stopping a service does. */
export async function showStopService(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, reply, request, language, token } = visit;
  const clientId = clientIdOf(request);
  const access = await deps.port.listAccess(account.accountId);
  const known = access.find((one) => one.clientId === clientId);
  const service = known && (await serviceInWords(deps, known, language));
  if (!service) return reply.errorPage('notFound');
  return reply.page('journeys/services/stop-service.njk', {
    formToken: token,
    backLink: '/account/services',
    action: `/account/services/${encodeURIComponent(clientId)}/stop`,
    name: service.name,
    whileAway: service.whileAway,
  });
}

/** Once it is stopped, doing it again changes nothing: another tab was first. */
export async function stopService(deps: JourneyDeps, { account, reply, request }: AccountVisit): Promise<FastifyReply> {
  await deps.port.endAccess(account.accountId, clientIdOf(request));
  deps.nudgeOutbox();
  return reply.redirect('/account/services?done=1', 303);
}

function clientIdOf({ params }: FastifyRequest): string {
  return typeof params === 'object' && params !== null && 'clientId' in params ? String(params.clientId) : '';
}
