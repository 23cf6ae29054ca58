import { type Static, Type } from 'typebox';
import type { CutoverPlan } from '../../../migration/index.ts';
import type { PageError } from '../../../platform/pages/create-pages.ts';

const text = Type.String({ maxLength: 200 });
export const PlanFields = Type.Object(
  {
    /** Percent of the people, step by step. */
    steps: text,
    windowSeconds: text,
    minSamples: text,
    /** Of a hundred. */
    failureRate: text,
    failureRateOver: text,
    p95Ms: text,
    p95OverMs: text,
    complaints: text,
  },
  { additionalProperties: false },
);
export type PlanFields = Static<typeof PlanFields>;

type Field = keyof PlanFields;
const FIELDS = Object.keys(PlanFields.properties).filter((name): name is Field => name in PlanFields.properties);

export const planError = (field: Field): PageError => ({ field, key: `operators.sideBySide.plan.errors.${field}` });

/** What was typed as a plan, whose values are judged where it is put on record; and what is no number at all. */
export function readPlan(fields: PlanFields): { readonly draft: CutoverPlan; readonly errors: readonly PageError[] } {
  const draft = {
    steps: fields.steps
      .split(/[\s,;%]+/)
      .filter((one) => one !== '')
      .map(Number),
    windowSeconds: numberOf(fields.windowSeconds),
    minSamples: numberOf(fields.minSamples),
    failureRate: shareOf(fields.failureRate),
    failureRateOver: shareOf(fields.failureRateOver),
    p95Ms: numberOf(fields.p95Ms),
    p95OverMs: numberOf(fields.p95OverMs),
    complaints: numberOf(fields.complaints),
  };
  const wrong = FIELDS.filter((field) => [draft[field]].flat().some((value) => !Number.isFinite(value)));
  return { draft, errors: wrong.map(planError) };
}

const finite = (typed: string): number => (typed === '' ? Number.NaN : Number(typed));
/** 3,000 is three thousand. */
const numberOf = (typed: string): number => finite(typed.replaceAll(/[\s,]/g, ''));
/** 7.5 % or 7,5: of a hundred, to a hundredth. */
const shareOf = (typed: string): number =>
  Math.round(finite(typed.replaceAll(/[\s%]/g, '').replace(',', '.')) * 100) / 10_000;

/** The boxes that a judgement is about, each once. */
export const errorsOf = (problems: readonly { readonly field: string }[]): readonly PageError[] =>
  FIELDS.filter((field) => problems.some((problem) => problem.field.split('.')[0] === field)).map(planError);

const percentOf = (share: number): string => `${Math.round(share * 10_000) / 100}`;

/** A plan as it is typed. */
export function toFields(plan: CutoverPlan): PlanFields {
  return {
    steps: plan.steps.join(', '),
    windowSeconds: `${plan.windowSeconds}`,
    minSamples: `${plan.minSamples}`,
    failureRate: percentOf(plan.failureRate),
    failureRateOver: percentOf(plan.failureRateOver),
    p95Ms: `${plan.p95Ms}`,
    p95OverMs: `${plan.p95OverMs}`,
    complaints: `${plan.complaints}`,
  };
}
