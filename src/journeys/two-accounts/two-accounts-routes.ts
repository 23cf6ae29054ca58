import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import { createAccountAct } from '../your-account/account-acts.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { confirmMerge, showMerge, showMerged, showMergeRefused } from './confirm-merge.ts';
import { explainMerge } from './explain-merge.ts';
import { listMerges } from './list-merges.ts';
import { FIRST_PAGE, MERGE_PAGE, MergingActSchema, type MergingDeps } from './merging-act.ts';
import { proveOther, showOther } from './prove-other.ts';
import { showUndo, showUndone, UNDONE_PAGE, undoMerge } from './undo-merge.ts';

/** "I have two Latchkey accounts": proving the other one, looking at the plan, merging; and undoing it for 30 days. */
export function registerTwoAccountsRoutes(app: FastifyInstance, journeyDeps: JourneyDeps, visits: AccountVisits): void {
  const merging = createAccountAct(journeyDeps, 'merge', { schema: MergingActSchema, nothing: {} });
  const deps: MergingDeps = { ...journeyDeps, merging };
  app.get(MERGE_PAGE, visits.page(explainMerge));
  app.get(
    FIRST_PAGE,
    visits.firstPage((visit) => showOther(deps, visit)),
  );
  app.post(
    FIRST_PAGE,
    visits.sensitiveForm((visit, form) => proveOther(deps, visit, form)),
  );
  app.get(
    `${MERGE_PAGE}/confirm`,
    visits.laterPage(FIRST_PAGE, (visit) => showMerge(deps, visit)),
  );
  app.post(
    `${MERGE_PAGE}/confirm`,
    visits.sensitiveForm((visit, form) => confirmMerge(deps, visit, form), FIRST_PAGE),
  );
  app.get(
    `${MERGE_PAGE}/done`,
    visits.page((visit) => showMerged(deps, visit)),
  );
  app.get(
    `${MERGE_PAGE}/refused`,
    visits.page((visit) => showMergeRefused(deps, visit)),
  );
  app.get(
    '/account/merges',
    visits.page((visit) => listMerges(deps, visit)),
  );
  app.get(UNDONE_PAGE, (_request, reply) => showUndone(reply));
  app.get(
    '/account/merges/:mergeId/undo',
    visits.firstPage((visit) => showUndo(deps, visit)),
  );
  app.post(
    '/account/merges/:mergeId/undo',
    visits.sensitiveForm((visit, form) => undoMerge(deps, visit, form)),
  );
}
