import type { FastifyInstance } from 'fastify';
import type { AccessDeps } from './access/access-deps.ts';
import { accessRoutes } from './access/access-routes.ts';
import { type CollectedRoutes, collectRoutes } from './access/collect-routes.ts';
import { createOperators } from './access/create-operators.ts';
import { addInvitation } from './access/invitation.ts';
import type { OperatorRoutes } from './access/operator-scope.ts';
import { passkeyRoutes } from './access/passkeys/passkey-routes.ts';
import { peopleRoutes } from './access/people/people-routes.ts';
import { addSignIn } from './access/sign-in.ts';
import { type ApiDeps, apiRoutes } from './api/api-routes.ts';
import { insightRoutes } from './insight/insight-routes.ts';
import type { DeskDeps } from './migration-desk/desk-deps.ts';
import { deskRoutes } from './migration-desk/desk-routes.ts';
import type { SidesDeps } from './side-by-side/sides-deps.ts';
import { sidesRoutes } from './side-by-side/sides-routes.ts';

export type OperatorsDeps = AccessDeps & ApiDeps & DeskDeps & SidesDeps;

/** The rooms of this door, each with its routes. */
function rooms(given: OperatorsDeps): readonly OperatorRoutes[] {
  const deps = { ...given, operators: createOperators(given) };
  return [
    accessRoutes(deps),
    passkeyRoutes(deps),
    peopleRoutes(deps),
    insightRoutes(deps),
    sidesRoutes(deps),
    deskRoutes(deps),
    apiRoutes(deps),
  ];
}

/** Every route behind the guard, with what it needs. */
export const operatorRoutes = (deps: OperatorsDeps): CollectedRoutes => collectRoutes(deps, rooms(deps));

/** Registers staff's pages and API: `/operators…` and `/operators/api…`. */
export const operatorsPlugin =
  (deps: OperatorsDeps) =>
  async (app: FastifyInstance): Promise<void> => {
    await operatorRoutes(deps).register(app, (open) => {
      addSignIn(open, deps);
      addInvitation(open, deps);
    });
  };
