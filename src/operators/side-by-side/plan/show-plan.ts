import { DEFAULT_PLAN } from '../../../migration/index.ts';
import type { PageError } from '../../../platform/pages/create-pages.ts';
import { needSource, type SidesDeps, sidesPath, type SidesVisit } from '../sides-deps.ts';
import { type PlanFields, toFields } from './read-plan.ts';

interface Typed {
  readonly fields: PlanFields;
  readonly errors: readonly PageError[];
}

/** Steps and limits: those on record, or what is usual. */
export async function showPlan({ migration }: SidesDeps, visit: SidesVisit, typed?: Typed): Promise<unknown> {
  const { source, definition } = await needSource({ migration }, visit.params.source);
  const sides = await migration.sideBySide.authorityOf(source);
  return visit.show(
    'operators/side-by-side/plan/plan.njk',
    {
      name: definition.name[visit.language] ?? definition.name.en,
      action: `${sidesPath(source)}/plan`,
      fields: typed?.fields ?? toFields(sides.plan ?? DEFAULT_PLAN),
      hasPlan: sides.plan !== undefined,
      errors: typed?.errors,
      backLink: sidesPath(source),
    },
    typed && { status: 400 },
  );
}
