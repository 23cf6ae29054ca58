import { askOrApprove, type OperatorAct } from '../linking/ask-or-approve.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import type { SourceMeta } from '../sources/source-store.ts';
import type { Problem } from '../sources/definition.ts';
import {
  type Change,
  changeSides,
  type Changed,
  type Refused,
  refused,
  requestAbout,
  type SidesDependencies,
} from './change-sides.ts';
import { checkPlan, type CutoverPlan } from './cutover-plan.ts';
import type { Requested } from './finalise-source.ts';
import { type Sides, takesTyped } from './sides.ts';
import { watchStep } from './watch-step.ts';

export type PlanOutcome = Changed | Refused | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

/** Puts a plan on record; nobody moves yet. A new one takes the place of one that has not begun. @throws `not_found` */
export async function planCutover(
  deps: SidesDependencies,
  key: string,
  draft: Partial<CutoverPlan>,
  meta: SourceMeta,
): Promise<PlanOutcome> {
  const checked = checkPlan(draft);
  if (checked.outcome === 'invalid') return checked;
  const { plan } = checked;
  return changeSides<Refused>(deps, key, meta, async (_tx, { source: { definition }, sides }) => {
    if (sides.finalisedAt) return refused('finalised');
    if (!takesTyped(definition)) return refused('nobody-to-ask');
    if (definition.scheme === 'none' || !allowedProof(definition.policy, 'old-password'))
      return refused('nothing-imported');
    if (sides.step > 0) return refused('under-way');
    const detail = { steps: plan.steps.join(), windowSeconds: plan.windowSeconds, minSamples: plan.minSamples };
    return { sides: { ...sides, plan, stopped: undefined }, type: 'source.cutover-planned', detail };
  });
}

/**
 * One step further: only once enough people of this step were served, and went well. `anyway`: without that, but two
 * people. @throws `not_found`
 */
export async function moveForward(
  deps: SidesDependencies,
  key: string,
  act: OperatorAct & { readonly anyway?: boolean },
): Promise<Changed | Refused | Requested> {
  return changeSides<Refused | Requested>(deps, key, act.meta, async (tx, { sides }) => {
    const { plan, step } = sides;
    if (sides.finalisedAt) return refused('finalised');
    if (!plan) return refused('no-plan');
    if (step >= plan.steps.length) return refused('at-the-end');
    const whyNot = step === 0 ? undefined : await whyNotYet(deps, tx, sides);
    // Whoever may only approve goes on with nothing that nobody has asked for.
    if (!whyNot && act.only !== 'approve') return forward(deps, sides, { anyway: false });
    if (whyNot && !act.anyway) return refused(whyNot);
    const asked = await askOrApprove(deps, tx, requestAbout(deps, sides, 'cutover-anyway'), act);
    if (asked.step === 'refused') return { outcome: 'refused', reason: asked.reason };
    if (asked.step === 'requested')
      return { outcome: 'requested', requestId: asked.requestId, expiresAt: asked.expiresAt };
    return forward(deps, sides, { anyway: true });
  });
}

/** One step back, or to where nobody has moved: at once, and by one person. @throws `not_found` */
export async function moveBack(
  deps: SidesDependencies,
  key: string,
  { meta, toStart = false }: { readonly meta: SourceMeta; readonly toStart?: boolean },
): Promise<Changed | Refused> {
  return changeSides<Refused>(deps, key, meta, async (_tx, { sides }) => {
    if (sides.step === 0) return refused(sides.plan ? 'at-the-beginning' : 'no-plan');
    return moved(
      deps,
      { ...sides, stopped: undefined },
      { to: toStart ? 0 : sides.step - 1, type: 'source.cutover-moved' },
    );
  });
}

const forward = (deps: SidesDependencies, sides: Sides, detail: { readonly anyway: boolean }): Change =>
  moved(deps, { ...sides, stopped: undefined }, { to: sides.step + 1, type: 'source.cutover-moved', detail });

export interface Move {
  readonly to: number;
  readonly type: 'source.cutover-moved' | 'source.cutover-stopped';
  readonly detail?: Change['detail'];
}

/** What a move makes of the sides: whatever was counted belongs to the step that ends. */
export function moved({ now }: Pick<SidesDependencies, 'now'>, sides: Sides, { to, type, detail }: Move): Change {
  const percentAt = (step: number): number => sides.plan?.steps[step - 1] ?? 0;
  return {
    sides: { ...sides, step: to, stepSince: now(), complaints: 0 },
    type,
    detail: { ...detail, fromPercent: percentAt(sides.step), toPercent: percentAt(to) },
  };
}

async function whyNotYet(
  deps: SidesDependencies,
  tx: Transaction,
  sides: Sides,
): Promise<'too-few-answers' | 'not-quiet' | undefined> {
  const judged = await watchStep(tx, sides, deps.now());
  if (!judged?.new) return 'too-few-answers';
  return judged.broken ? 'not-quiet' : undefined;
}
