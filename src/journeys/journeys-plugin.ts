import type { FastifyInstance } from 'fastify';
import { openPagesScope } from '../platform/http/open-pages-scope.ts';
import { createBrowserCookies } from './engine/browser-cookie.ts';
import type { Way } from './engine/facts.ts';
import { registerJourneyRoutes } from './engine/journey-routes.ts';
import { createJourneyStore } from './engine/journey-store.ts';
import type { JourneyDeps } from './journey-deps.ts';
import { registerReturnRoutes } from './old-proof/return-routes.ts';
import { serviceLogoRoute } from './service-logo-route.ts';
import { rememberSignIn } from './sign-in/remember-sign-in.ts';
import { createWays } from './ways.ts';
import { registerAccountRoutes } from './your-account/account-routes.ts';

/** How a sign-in is counted, by the way that led to it. */
const OUTCOMES = {
  'sign-in': 'password',
  consent: 'consent',
  'sign-up': 'signed-up',
  recovery: 'recovered',
  'first-sign-in': 'first-sign-in',
} as const satisfies Record<Way, string>;

/** Registers the citizens' pages: `/sign-in/:uid…`, `/account…`, `/signed-out`, and the logos on them. */
export const journeysPlugin =
  (deps: JourneyDeps) =>
  async (app: FastifyInstance): Promise<void> => {
    await app.register(async (scope) => registerReturnRoutes(scope, deps));
    serviceLogoRoute(app, deps);
    await app.register(async (scope) => registerPages(scope, deps));
  };

function registerPages(app: FastifyInstance, deps: JourneyDeps): void {
  openPagesScope(app, { issuer: deps.config.issuer });
  const { port, db, keyRing, nudgeOutbox } = deps;
  const cookies = createBrowserCookies(keyRing);
  registerJourneyRoutes(app, {
    port,
    db,
    keyRing,
    nudgeOutbox,
    cookies,
    ways: createWays(deps),
    store: createJourneyStore(keyRing, deps.now),
    async onSignedIn(tx, context, accountId) {
      await rememberSignIn(deps, cookies, tx, { context, accountId });
      deps.metrics.signIn(OUTCOMES[context.journey.state.way]);
    },
  });
  registerAccountRoutes(app, deps, cookies);
}
