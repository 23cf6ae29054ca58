import type { OperatorVisit } from '../../access/operator-scope.ts';
import type { DeskDeps } from '../desk-deps.ts';
import { cohortOf, filesOf, type PlanFields, readLines } from './read-plan.ts';
import { showConfirm, showPlan } from './show-plan.ts';

const error = (field: string) => ({ field, key: `operators.migrationDesk.plan.errors.${field}` });

/** First looks at the files and asks for a confirmation; with it, puts the run on record. */
export async function takePlan(deps: DeskDeps, visit: OperatorVisit, fields: PlanFields): Promise<unknown> {
  const cohort = cohortOf(fields.cohort);
  const lines = readLines(fields.files);
  const errors = [
    ...(fields.title.trim() === '' || fields.title.trim().length > 120 ? [error('title')] : []),
    ...(lines.length === 0 ? [error('files')] : []),
    ...(cohort === undefined ? [error('cohort')] : []),
  ];
  if (errors.length > 0 || deps.files === undefined) return showPlan(deps, visit, { fields, errors });

  const { files, problems } = await filesOf(deps.files, lines);
  if (problems.length > 0) return showPlan(deps, visit, { fields, problems });
  const planned = await deps.migration.runs.plan({
    title: fields.title.trim(),
    files,
    cohort,
    confirmed: fields.confirmed === 'yes',
    meta: { actor: visit.operator.actor, correlationId: visit.request.id },
  });
  if (planned.outcome === 'refused') return showPlan(deps, visit, { fields, problems: planned.problems });
  if (planned.outcome === 'to-confirm') return showConfirm(visit, fields, planned.found);
  return visit.reply.redirect(`/operators/runs/${planned.run.runId}`, 303);
}
