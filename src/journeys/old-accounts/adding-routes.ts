import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import { createAccountAct } from '../your-account/account-acts.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { AddingSchema, FIRST_PAGE, type AddingDeps } from './adding.ts';
import { chooseService, showServices } from './choose-service.ts';
import { confirmAdding, showAdded, showAdding, showRefused } from './confirm-adding.ts';
import { chooseWay, showWays } from './choose-way.ts';
import { enterDetails, returnToAdding, showDetails } from './enter-details.ts';

/** "Add an old account": which service, its user name and password, what will happen, done. */
export function registerAddingRoutes(app: FastifyInstance, journeyDeps: JourneyDeps, visits: AccountVisits): void {
  const adding = createAccountAct(journeyDeps, 'add-old-account', { schema: AddingSchema, nothing: {} });
  const deps: AddingDeps = { ...journeyDeps, adding };
  app.get(
    FIRST_PAGE,
    visits.firstPage((visit) => showServices(deps, visit)),
  );
  app.post(
    FIRST_PAGE,
    visits.sensitiveForm((visit, form) => chooseService(deps, visit, form)),
  );
  app.get(
    `${FIRST_PAGE}/way`,
    visits.laterPage(FIRST_PAGE, (visit) => showWays(deps, visit)),
  );
  app.post(
    `${FIRST_PAGE}/way`,
    visits.sensitiveForm((visit, form) => chooseWay(deps, visit, form), FIRST_PAGE),
  );
  app.get(
    `${FIRST_PAGE}/return`,
    visits.laterPage(FIRST_PAGE, (visit) => returnToAdding(deps, visit)),
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
