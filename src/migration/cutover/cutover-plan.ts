import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Problem } from '../sources/definition.ts';

const limits = {
  /** Sliding window; a rate is judged over it, or over as much more as `minSamples` needs. A stop comes within a minute. */
  windowSeconds: Type.Integer({ minimum: 20, maximum: 60 }),
  /** Answers of the new side below which nothing is judged. */
  minSamples: Type.Integer({ minimum: 5, maximum: 100_000 }),
  /** Share of answers that let nobody in, or that there was none: wrong passwords count, as a wrong recipe looks like them. */
  failureRate: Type.Number({ minimum: 0, maximum: 1 }),
  /** The same, above that of people whom the old side serves in the same minute. */
  failureRateOver: Type.Number({ minimum: 0, maximum: 1 }),
  /** 95th percentile, in milliseconds. */
  p95Ms: Type.Integer({ minimum: 50, maximum: 60_000 }),
  p95OverMs: Type.Integer({ minimum: 50, maximum: 60_000 }),
  /** So many complaints since the step began. */
  complaints: Type.Integer({ minimum: 1, maximum: 100_000 }),
};

export const CutoverPlan = Type.Object(
  {
    /** Percent of the people, each step more than the one before. */
    steps: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 100 }), { minItems: 1, maxItems: 20 }),
    ...limits,
  },
  { additionalProperties: false },
);
export type CutoverPlan = Static<typeof CutoverPlan>;

/** What is not said. */
export const DEFAULT_PLAN: CutoverPlan = {
  steps: [1, 5, 25, 50, 100],
  windowSeconds: 60,
  minSamples: 20,
  failureRate: 0.5,
  failureRateOver: 0.15,
  p95Ms: 3000,
  p95OverMs: 1000,
  complaints: 5,
};

export type CheckedPlan =
  | { readonly outcome: 'good'; readonly plan: CutoverPlan }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

/** A plan with everything said that was left out. */
export function checkPlan(draft: object): CheckedPlan {
  const plan: unknown = { ...DEFAULT_PLAN, ...draft };
  if (!Value.Check(CutoverPlan, plan)) {
    const problems = [...Value.Errors(CutoverPlan, plan)].map(({ instancePath, message }) => ({
      field: instancePath === '' ? 'plan' : instancePath.slice(1).replaceAll('/', '.'),
      code: 'misshapen',
      message,
    }));
    return { outcome: 'invalid', problems };
  }
  if (plan.steps.every((percent, index) => percent > (plan.steps[index - 1] ?? 0))) return { outcome: 'good', plan };
  const message = 'Each step must be more than the one before.';
  return { outcome: 'invalid', problems: [{ field: 'steps', code: 'not_rising', message }] };
}
