import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import { createAccountAct } from '../your-account/account-acts.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { AddingSchema, FIRST_PAGE, type AddingDeps } from './adding.ts';
import { bringBack, showBringBack } from './bring-back.ts';
import { chooseService, showServices } from './choose-service.ts';
import { confirmAdding, showAdded, showAdding, showRefused } from './confirm-adding.ts';
import { explainOldAccount, listOldAccounts } from './list-old-accounts.ts';
import { REMOVED_PAGE, removeOldAccount, showRemove, showRemoved } from './remove-old-account.ts';
import { enterDetails, showDetails } from './enter-details.ts';

/** Your old accounts: what is part of the account and why, adding one, removing one. */
export function registerOldAccountsRoutes(app: FastifyInstance, journeyDeps: JourneyDeps, visits: AccountVisits): void {
  const adding = createAccountAct(journeyDeps, 'add-old-account', { schema: AddingSchema, nothing: {} });
  const deps: AddingDeps = { ...journeyDeps, adding };
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
  app.get(
    FIRST_PAGE,
    visits.firstPage((visit) => showServices(deps, visit)),
  );
  app.post(
    FIRST_PAGE,
    visits.sensitiveForm((visit, form) => chooseService(deps, visit, form)),
  );
  app.get(
    `${FIRST_PAGE}/details`,
    visits.laterPage(FIRST_PAGE, (visit) => showDetails(deps, visit)),
  );
  app.post(
    `${FIRST_PAGE}/details`,
    visits.sensitiveForm((visit, form) => enterDetails(deps, visit, form), FIRST_PAGE),
  );
  app.get(
    `${FIRST_PAGE}/confirm`,
    visits.laterPage(FIRST_PAGE, (visit) => showAdding(deps, visit)),
  );
  app.post(
    `${FIRST_PAGE}/confirm`,
    visits.sensitiveForm((visit, form) => confirmAdding(deps, visit, form), FIRST_PAGE),
  );
  app.get(
    `${FIRST_PAGE}/done`,
    visits.page((visit) => showAdded(deps, visit)),
  );
  app.get(
    `${FIRST_PAGE}/refused`,
    visits.page((visit) => showRefused(deps, visit)),
  );
}
