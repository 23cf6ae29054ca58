import type { FastifyInstance } from 'fastify';
import { openPagesScope } from '../platform/http/open-pages-scope.ts';
import { createBrowserCookies } from './engine/browser-cookie.ts';
import { registerJourneyRoutes } from './engine/journey-routes.ts';
import { createJourneyStore } from './engine/journey-store.ts';
import type { JourneyDeps } from './journey-deps.ts';
import { rememberSignIn } from './sign-in/remember-sign-in.ts';
import { createWays } from './ways.ts';
import { registerAccountRoutes } from './your-account/account-routes.ts';

/** Registers the citizens' pages: `/sign-in/:uid…`, `/account…` and `/signed-out`. */
export const journeysPlugin =
  (deps: JourneyDeps) =>
  async (app: FastifyInstance): Promise<void> => {
    openPagesScope(app, { issuer: deps.config.issuer });
    const { port, db, keyRing, nudgeOutbox } = deps;
    const cookies = createBrowserCookies(keyRing);
    registerJourneyRoutes(app, {
      port,
      db,
      keyRing,
      nudgeOutbox,
      cookies,
      ways: createWays(deps, cookies),
      store: createJourneyStore(keyRing, deps.now),
      async onSignedIn(tx, context, accountId) {
        await rememberSignIn(deps, cookies, tx, { context, accountId });
        deps.metrics.signIn('password');
      },
    });
    registerAccountRoutes(app, deps, cookies);
  };
