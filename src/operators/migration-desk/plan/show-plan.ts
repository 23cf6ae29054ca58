import type { FoundInFile, Problem } from '../../../migration/index.ts';
import type { PageError } from '../../../platform/pages/create-pages.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import type { DeskDeps } from '../desk-deps.ts';
import { describeFound } from './describe-found.ts';
import { guessSource, type PlanFields } from './read-plan.ts';

interface PlanPage {
  readonly fields?: Omit<PlanFields, 'confirmed'>;
  readonly errors?: readonly PageError[];
  readonly problems?: readonly Problem[];
  /** What was sent a moment ago. */
  readonly kept?: readonly { readonly name: string; readonly sha256: string }[];
}

/** Which files, of which systems: those of the folder are there already, as a line each. */
export async function showPlan(deps: DeskDeps, visit: OperatorVisit, page: PlanPage = {}): Promise<unknown> {
  const { migration, files } = deps;
  const formats = formatsFor(visit.language);
  const [sources, folder] = await Promise.all([migration.sources.list(), files?.list() ?? []]);
  const there = folder.map(({ name, bytes, at }) => ({
    name,
    bytes: formats.bytes(bytes),
    at: formats.time(at),
    source: guessSource(name, sources),
  }));
  const { errors, problems = [], kept = [], fields } = page;
  const known = there.flatMap(({ name, source }) => (source === undefined ? [] : [`${source} ${name}`]));
  return visit.show(
    'operators/migration-desk/plan/plan.njk',
    {
      hasFolder: files !== undefined,
      there,
      kept,
      problems,
      fields: fields ?? { title: '', files: known.join('\n'), cohort: '100' },
      rows: Math.min(20, Math.max(5, known.length + 1)),
      errors,
      backLink: '/operators/runs',
    },
    errors || problems.length > 0 ? { status: 400 } : {},
  );
}

/** What the files look like, beside what the definitions say of them: somebody stands for the difference. */
export function showConfirm(
  visit: OperatorVisit,
  fields: PlanFields,
  found: readonly (FoundInFile & { readonly source: string })[],
): unknown {
  const formats = formatsFor(visit.language);
  const { title, files, cohort } = fields;
  const all = found.map((one) => describeFound(one, formats));
  return visit.show('operators/migration-desk/plan/confirm.njk', {
    fields: { title, files, cohort },
    found: all.length,
    different: all.filter(({ differences }) => differences.length > 0),
    same: all.filter(({ differences }) => differences.length === 0),
    backLink: '/operators/runs/new',
  });
}
