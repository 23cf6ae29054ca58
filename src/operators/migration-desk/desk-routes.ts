import { comeBack } from '../access/come-back.ts';
import type { OperatorRoutes } from '../access/operator-scope.ts';
import { showBalance } from './balance/show-balance.ts';
import type { DeskDeps } from './desk-deps.ts';
import { DisputedFields, showDisputed, takeDisputed } from './disputed/show-disputed.ts';
import { takeFiles } from './files/take-files.ts';
import { showRuns } from './list/show-runs.ts';
import { showFile } from './parts/show-file.ts';
import { PlanFields } from './plan/read-plan.ts';
import { showPlan } from './plan/show-plan.ts';
import { takePlan } from './plan/take-plan.ts';
import { sendRejects } from './rows/send-rejects.ts';
import { showRows } from './rows/show-rows.ts';
import { MOVE_NAMES, MoveFields, MOVES } from './run/run-moves.ts';
import { showRun } from './run/show-run.ts';
import { takeMove } from './run/take-move.ts';

/** The room of runs: planning one, driving it, and what became of every row. */
export const deskRoutes =
  (deps: DeskDeps): OperatorRoutes =>
  (scope) => {
    scope.page({ path: '/operators/runs', needs: 'runs.see', show: (visit) => showRuns(deps, visit) });
    scope.page({ path: '/operators/runs/new', needs: 'runs.plan', show: (visit) => showPlan(deps, visit) });
    scope.act({
      path: '/operators/runs/new',
      needs: 'runs.plan',
      fields: PlanFields,
      take: (visit, fields) => takePlan(deps, visit, fields),
    });
    scope.fileForm({
      path: '/operators/runs/files',
      needs: 'runs.plan',
      take: (visit, files) => takeFiles(deps, visit, files),
    });
    scope.page({
      path: '/operators/runs/files',
      needs: 'runs.plan',
      show: (visit) => comeBack(visit, '/operators/runs/new'),
    });
    scope.page({ path: '/operators/runs/:id', needs: 'runs.see', show: (visit) => showRun(deps, visit) });
    for (const move of MOVE_NAMES) {
      scope.act({
        path: `/operators/runs/:id/${move}`,
        needs: MOVES[move].needs,
        fields: MoveFields,
        take: (visit, fields) => takeMove(deps, { visit, move }, fields),
      });
      scope.page({
        path: `/operators/runs/:id/${move}`,
        needs: 'runs.see',
        show: (visit) => comeBack(visit, `/operators/runs/${encodeURIComponent(visit.params.id)}`),
      });
    }
    scope.page({ path: '/operators/runs/:id/rows', needs: 'runs.see', show: (visit) => showRows(deps, visit) });
    scope.page({ path: '/operators/runs/:id/files/:part', needs: 'runs.see', show: (visit) => showFile(deps, visit) });
    scope.page({ path: '/operators/runs/:id/balance', needs: 'runs.see', show: (visit) => showBalance(deps, visit) });
    scope.page({
      path: '/operators/runs/:id/rejects/:file',
      needs: 'runs.plan',
      show: (visit) => {
        const { id, file } = visit.params;
        return sendRejects(deps, visit, { runId: id, part: file.replace(/\.csv$/, ''), kind: 'report' });
      },
    });
    scope.page({
      path: '/operators/runs/:id/mend/:part',
      needs: 'runs.plan',
      show: (visit) => sendRejects(deps, visit, { runId: visit.params.id, part: visit.params.part, kind: 'mend' }),
    });
    scope.page({ path: '/operators/rows', needs: 'rows.see', show: (visit) => showDisputed(deps, visit) });
    scope.act({
      path: '/operators/rows',
      needs: 'rows.see',
      fields: DisputedFields,
      take: (visit, fields) => takeDisputed(deps, visit, fields),
    });
  };
