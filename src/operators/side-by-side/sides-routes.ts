import { comeBack } from '../access/come-back.ts';
import type { OperatorRoutes } from '../access/operator-scope.ts';
import { AuthorityFields, showAuthority, takeAuthority } from './authority/change-authority.ts';
import { MOVE_NAMES, MoveFields, MOVES } from './moves.ts';
import { PlanFields } from './plan/read-plan.ts';
import { showPlan } from './plan/show-plan.ts';
import { takePlan } from './plan/take-plan.ts';
import { showSides } from './show-sides.ts';
import { type SidesDeps, sidesPath } from './sides-deps.ts';
import { takeMove } from './take-move.ts';

const PAGE = '/operators/systems/:source/sides';

/** The room of old and new side by side: which of them is believed and serves whom, and moving people across. */
export const sidesRoutes =
  (deps: SidesDeps): OperatorRoutes =>
  (scope) => {
    scope.page({ path: PAGE, needs: 'systems.see', show: (visit) => showSides(deps, visit) });
    scope.page({ path: `${PAGE}/plan`, needs: 'cutover.drive', show: (visit) => showPlan(deps, visit) });
    scope.act({
      path: `${PAGE}/plan`,
      needs: 'cutover.drive',
      fields: PlanFields,
      take: (visit, fields) => takePlan(deps, visit, fields),
    });
    scope.page({ path: `${PAGE}/authority`, needs: 'cutover.drive', show: (visit) => showAuthority(deps, visit) });
    scope.act({
      path: `${PAGE}/authority`,
      needs: 'cutover.drive',
      fields: AuthorityFields,
      take: (visit, fields) => takeAuthority(deps, visit, fields),
    });
    for (const move of MOVE_NAMES) {
      scope.act({
        path: `${PAGE}/${move}`,
        needs: MOVES[move].needs,
        fields: MoveFields,
        take: (visit, fields) => takeMove(deps, { visit, move }, fields),
      });
      scope.page({
        path: `${PAGE}/${move}`,
        needs: 'systems.see',
        show: (visit) => comeBack(visit, sidesPath(visit.params.source)),
      });
    }
  };
