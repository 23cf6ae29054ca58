import type { CutoverPlan, CutoverStatus } from '../../migration/index.ts';

/** One thing that a step is judged by, on either side; the step goes back above its limit. */
export interface Measure {
  readonly name: 'failures' | 'p95' | 'complaints';
  readonly moved: number | undefined;
  readonly stayed: number | undefined;
  /** The one that is nearer: the plan's own, or so much above the old side. */
  readonly limit: number;
}

/** How the step under way goes, measured by its plan. Undefined: nobody has moved. */
export function measuresOf({ sides: { plan }, watched }: CutoverStatus): readonly Measure[] | undefined {
  if (watched === undefined || plan === undefined) return undefined;
  const { new: moved, old: stayed, complaints } = watched;
  return [
    {
      name: 'failures',
      moved: moved?.failureRate,
      stayed: stayed?.failureRate,
      limit: nearer(plan.failureRate, stayed?.failureRate, plan.failureRateOver),
    },
    {
      name: 'p95',
      moved: moved?.p95Ms,
      stayed: stayed?.p95Ms,
      limit: nearer(plan.p95Ms, stayed?.p95Ms, plan.p95OverMs),
    },
    { name: 'complaints', moved: complaints, stayed: undefined, limit: plan.complaints },
  ];
}

const nearer = (most: number, beside: number | undefined, over: number): number =>
  beside === undefined ? most : Math.min(most, beside + over);

export type StepStatus = 'done' | 'now' | 'waiting';

/** The steps of a plan, and how far they are. */
export const stepsOf = (
  plan: CutoverPlan,
  step: number,
): readonly { readonly percent: number; readonly status: StepStatus }[] =>
  plan.steps.map((percent, index) => ({
    percent,
    status: index + 1 < step ? 'done' : index + 1 === step ? 'now' : 'waiting',
  }));
