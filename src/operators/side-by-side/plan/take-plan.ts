import { sayRefusal } from '../say-refusal.ts';
import { showSides } from '../show-sides.ts';
import { needSource, type SidesDeps, sidesPath, type SidesVisit } from '../sides-deps.ts';
import { errorsOf, type PlanFields, readPlan } from './read-plan.ts';
import { showPlan } from './show-plan.ts';

/** Puts a plan on record; nobody moves yet. */
export async function takePlan(deps: SidesDeps, visit: SidesVisit, fields: PlanFields): Promise<unknown> {
  const { source } = await needSource(deps, visit.params.source);
  const { draft, errors } = readPlan(fields);
  if (errors.length > 0) return showPlan(deps, visit, { fields, errors });
  const meta = { actor: visit.operator.actor, correlationId: visit.request.id };
  const planned = await deps.migration.sideBySide.cutover.plan(source, draft, meta);
  if (planned.outcome === 'invalid') return showPlan(deps, visit, { fields, errors: errorsOf(planned.problems) });
  if (planned.outcome === 'refused') return showSides(deps, visit, { error: sayRefusal(planned.reason), evidence: '' });
  return visit.reply.redirect(sidesPath(source), 303);
}
