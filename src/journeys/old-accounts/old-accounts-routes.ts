import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { registerAddingRoutes } from './adding-routes.ts';
import { bringBack, showBringBack } from './bring-back.ts';
import { explainOldAccount, listOldAccounts } from './list-old-accounts.ts';
import { REMOVED_PAGE, removeOldAccount, showRemove, showRemoved } from './remove-old-account.ts';

/** Your old accounts: what is part of the account and why, adding one, removing one. */
export function registerOldAccountsRoutes(app: FastifyInstance, deps: JourneyDeps, visits: AccountVisits): void {
  app.get(
    '/account/old-accounts',
    visits.page((visit) => listOldAccounts(deps, visit)),
  );
  app.get(REMOVED_PAGE, (_request, reply) => showRemoved(reply));
  app.get(
    '/account/old-accounts/:linkId',
    visits.page((visit) => explainOldAccount(deps, visit)),
  );
  app.get(
    '/account/old-accounts/:linkId/remove',
    visits.firstPage((visit) => showRemove(deps, visit)),
  );
  app.post(
    '/account/old-accounts/:linkId/remove',
    visits.sensitiveForm((visit, form) => removeOldAccount(deps, visit, form)),
  );
  app.get(
    '/account/old-accounts/:linkId/bring-back',
    visits.firstPage((visit) => showBringBack(deps, visit)),
  );
  app.post(
    '/account/old-accounts/:linkId/bring-back',
    visits.sensitiveForm((visit, form) => bringBack(deps, visit, form)),
  );
  registerAddingRoutes(app, deps, visits);
}
