import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { listServices } from './list-services.ts';
import { showStopService, stopService } from './stop-service.ts';

/** Which services know about the account, and stopping one. */
export function registerServicesRoutes(app: FastifyInstance, deps: JourneyDeps, visits: AccountVisits): void {
  app.get(
    '/account/services',
    visits.page((visit) => listServices(deps, visit)),
  );
  app.get(
    '/account/services/:clientId/stop',
    visits.page((visit) => showStopService(deps, visit)),
  );
  app.post(
    '/account/services/:clientId/stop',
    visits.form('/account/services', (visit) => stopService(deps, visit)),
  );
}
