import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { registerAddressesRoutes } from '../addresses/addresses-routes.ts';
import type { BrowserCookies } from '../engine/browser-cookie.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { registerOldAccountsRoutes } from '../old-accounts/old-accounts-routes.ts';
import { registerOrganisationsRoutes } from '../organisations/organisations-routes.ts';
import { registerServicesRoutes } from '../services/services-routes.ts';
import { registerTwoAccountsRoutes } from '../two-accounts/two-accounts-routes.ts';
import { changePassword, showChangePassword } from './change-password.ts';
import { endSession, showSignOutEverywhere, signOut, signOutEverywhere } from './end-sessions.ts';
import { createAccountVisits } from './account-visit.ts';
import { isOwnPage } from './own-pages.ts';
import { showAccount } from './show-account.ts';

/** "Your account": not part of a journey. It stands on the browser's session, and sends to sign in without one. */
export function registerAccountRoutes(app: FastifyInstance, deps: JourneyDeps, cookies: BrowserCookies): void {
  const visits = createAccountVisits(deps, cookies);
  app.get(
    '/account',
    visits.page((visit) => showAccount(deps, visit)),
  );
  app.get(
    '/account/password',
    visits.page((visit) => showChangePassword(deps, visit)),
  );
  app.post(
    '/account/password',
    visits.form('/account', (visit, form) => changePassword(deps, visit, form)),
  );
  app.get('/account/sign-out-everywhere', visits.page(showSignOutEverywhere));
  app.post(
    '/account/sign-out-everywhere',
    visits.form('/account', (visit) => signOutEverywhere(deps, visit)),
  );
  app.post(
    '/account/sessions/end',
    visits.form('/account', (visit, form) => endSession(deps, visit, form)),
  );
  app.post(
    '/account/sign-out',
    visits.form('/signed-out', (visit) => signOut(deps, visit)),
  );
  registerAddressesRoutes(app, deps, visits);
  registerOldAccountsRoutes(app, deps, visits);
  registerOrganisationsRoutes(app, deps, visits);
  registerServicesRoutes(app, deps, visits);
  registerTwoAccountsRoutes(app, deps, visits);
  app.get('/account/signed-in', comeBack);
  app.get('/signed-out', (_request, reply) => reply.page('journeys/your-account/signed-out.njk'));
}

/** Where our own sign-in ends. The code is not redeemed: the session is what counts. Only our own pages are gone to (D21). */
function comeBack(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { query } = request;
  const state = typeof query === 'object' && query !== null && 'state' in query ? query.state : undefined;
  return reply.redirect(typeof state === 'string' && isOwnPage(state) ? state : '/account', 303);
}
