import { ATTRIBUTES, type OpenRequest, type Sides, takesTyped } from '../../migration/index.ts';
import type { PageError } from '../../platform/pages/create-pages.ts';
import { formatsFor } from '../insight/formats.ts';
import { describeShadow } from './describe-shadow.ts';
import { describeStep, type SidesView } from './describe-step.ts';
import { canPlan, goesWell, movesFor } from './moves.ts';
import { needStanding, type SidesDeps, sidesPath, type SidesVisit, type Standing } from './sides-deps.ts';
import { stepsOf } from './step-limits.ts';

/** Why a move was not made, and what was written for it. */
interface NotMade {
  readonly error: PageError;
  readonly evidence: string;
}

/** Old and new of one system: who serves whom and is believed, how the step under way goes, and what can be done. */
export async function showSides(deps: SidesDeps, visit: SidesVisit, notMade?: NotMade): Promise<unknown> {
  const standing = await needStanding(deps, visit.params.source);
  const { source, status, requests } = standing;
  const report = await deps.migration.sideBySide.shadow.report(source.source, 0);
  const view = { t: deps.pages.translate(visit.language), formats: formatsFor(visit.language) };
  const { name } = source.definition;
  const { sides } = status;
  return visit.show(
    'operators/side-by-side/sides.njk',
    {
      name: name[visit.language] ?? name.en,
      source: source.source,
      path: sidesPath(source.source),
      api: `/operators/api/systems/${encodeURIComponent(source.source)}`,
      canBeAsked: takesTyped(source.definition),
      stage: { text: view.t(`operators.sideBySide.stages.${sides.stage}`), tone: TONES[sides.stage] },
      stands: describeSides(standing, view),
      steps:
        sides.plan &&
        stepsOf(sides.plan, sides.step).map((step) => ({ ...step, percent: view.formats.number(step.percent) })),
      step: describeStep(status, view),
      isStuck: sides.step > 0 && !goesWell(standing),
      authority: ATTRIBUTES.map((attribute) => ({ attribute, side: sides.authority[attribute] })),
      shadow: describeShadow(report, view),
      requests: {
        anyway: describeRequest(requests.anyway, visit, view),
        finalise: describeRequest(requests.finalise, visit, view),
      },
      moves: movesFor(standing, visit.operator),
      canPlan: canPlan(standing) && visit.operator.permissions.has('cutover.drive'),
      canChange: sides.finalisedAt === undefined && visit.operator.permissions.has('cutover.drive'),
      evidence: notMade?.evidence ?? '',
      errors: notMade && [notMade.error],
      backLink: `/operators/systems/${encodeURIComponent(source.source)}`,
    },
    notMade && { status: 409 },
  );
}

const TONES = {
  before: 'grey',
  'side-by-side': 'blue',
  'cutting-over': 'yellow',
  finalised: 'green',
} as const satisfies Record<Sides['stage'], string>;

const handleOf = (actor: string): string => actor.replace(/^operator:/, '');

function describeSides({ source, status: { sides, percent } }: Standing, { t, formats }: SidesView): object {
  const { stopped, changedBy, changedAt, stepSince, shadowSince, finalisedAt, whenAway, step, plan } = sides;
  return {
    who: t(`operators.sideBySide.who.${whoServes(sides, takesTyped(source.definition))}`, {
      percent: formats.number(percent),
      step,
      steps: plan?.steps.length ?? 0,
    }),
    stepSince: step > 0 && stepSince ? formats.time(stepSince) : undefined,
    shadowSince: shadowSince && formats.time(shadowSince),
    finalisedAt: finalisedAt && formats.time(finalisedAt),
    whenAway,
    stopped: stopped && { why: t(`operators.sideBySide.stops.${stopped.by}`), at: formats.time(stopped.at) },
    changed: changedBy && changedAt && { by: handleOf(changedBy), at: formats.time(changedAt) },
  };
}

function whoServes({ stage, authority, plan, shadowSince }: Sides, canBeAsked: boolean): string {
  if (stage === 'finalised' || stage === 'cutting-over') return stage;
  if (!canBeAsked) return 'not-asked';
  if (plan || shadowSince) return 'nobody-moved';
  return authority.password === 'old' ? 'old' : 'new';
}

/** What was written is for the eyes of who may approve it, or has written it: it may name people. */
function describeRequest(
  request: OpenRequest | undefined,
  { operator }: SidesVisit,
  { formats }: SidesView,
): object | undefined {
  if (request === undefined) return undefined;
  const { askedBy, askedAt, expiresAt, evidence } = request;
  const isOwn = askedBy === operator.actor;
  return {
    isOwn,
    askedBy: handleOf(askedBy),
    askedAt: formats.time(askedAt),
    expiresAt: formats.time(expiresAt),
    evidence: isOwn || operator.permissions.has('cutover.approve') ? evidence : undefined,
  };
}
