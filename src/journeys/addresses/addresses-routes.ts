import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import { createAccountAct } from '../your-account/account-acts.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { addAddress, showAdd } from './add-address.ts';
import { AddressActSchema, type AddressDeps, CODE_PAGE, FIRST_PAGE, LIST_PAGE, TAKEN_PAGE } from './address-act.ts';
import { keepAddress, makeFirst, removeAddress, showRemove } from './change-address.ts';
import { listAddresses } from './list-addresses.ts';
import { proveAddress, showCode, showTaken } from './prove-address.ts';

/** The addresses of "your account": adding one by proof, choosing the first, removing one with a week to keep it. */
export function registerAddressesRoutes(app: FastifyInstance, journeyDeps: JourneyDeps, visits: AccountVisits): void {
  const addressAct = createAccountAct(journeyDeps, 'address', { schema: AddressActSchema, nothing: {} });
  const deps: AddressDeps = { ...journeyDeps, addressAct };
  app.get(
    LIST_PAGE,
    visits.page((visit) => listAddresses(deps, visit)),
  );
  app.get(
    FIRST_PAGE,
    visits.firstPage((visit) => showAdd(visit)),
  );
  app.post(
    FIRST_PAGE,
    visits.sensitiveForm((visit, form) => addAddress(deps, visit, form)),
  );
  app.get(
    CODE_PAGE,
    visits.laterPage(FIRST_PAGE, (visit) => showCode(deps, visit)),
  );
  app.post(
    CODE_PAGE,
    visits.sensitiveForm((visit, form) => proveAddress(deps, visit, form), FIRST_PAGE),
  );
  app.get(
    TAKEN_PAGE,
    visits.page((visit) => showTaken(deps, visit)),
  );
  app.get(
    `${LIST_PAGE}/:identityId/remove`,
    visits.firstPage((visit) => showRemove(deps, visit)),
  );
  app.post(
    `${LIST_PAGE}/:identityId/remove`,
    visits.sensitiveForm((visit, form) => removeAddress(deps, visit, form)),
  );
  app.post(
    `${LIST_PAGE}/:identityId/first`,
    visits.sensitiveForm((visit, form) => makeFirst(deps, visit, form), LIST_PAGE),
  );
  app.post(
    `${LIST_PAGE}/:identityId/keep`,
    visits.sensitiveForm((visit, form) => keepAddress(deps, visit, form), LIST_PAGE),
  );
}
