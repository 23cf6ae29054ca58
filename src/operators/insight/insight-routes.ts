import type { OperatorRoutes } from '../access/operator-scope.ts';
import type { InsightDeps } from './insight-deps.ts';
import { showSystem } from './systems/show-system.ts';
import { showSystems } from './systems/show-systems.ts';

/** The room of how far everything is. */
export const insightRoutes =
  (deps: InsightDeps): OperatorRoutes =>
  (scope) => {
    scope.page({ path: '/operators/systems', needs: 'systems.see', show: (visit) => showSystems(deps, visit) });
    scope.page({ path: '/operators/systems/:source', needs: 'systems.see', show: (visit) => showSystem(deps, visit) });
  };
