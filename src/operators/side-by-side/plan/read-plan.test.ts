import { expect, it } from 'vitest';
import { DEFAULT_PLAN } from '../../../migration/index.ts';
import { errorsOf, readPlan, toFields } from './read-plan.ts';

it('reads back what it has written', () => {
  expect(readPlan(toFields(DEFAULT_PLAN))).toEqual({ draft: DEFAULT_PLAN, errors: [] });
  const odd = { ...DEFAULT_PLAN, steps: [0.5, 12.5, 100], failureRate: 0.075 };
  expect(readPlan(toFields(odd))).toEqual({ draft: odd, errors: [] });
});

it('reads steps however they are parted, and shares with a comma or a percent sign', () => {
  const { draft, errors } = readPlan({
    ...toFields(DEFAULT_PLAN),
    steps: '1%, 5%;25 100 ',
    failureRate: '7,5 %',
    p95Ms: '2,500',
  });
  expect([draft.steps, draft.failureRate, draft.p95Ms, errors]).toEqual([[1, 5, 25, 100], 0.075, 2500, []]);
});

it('names each box that holds no number, and takes nothing for zero', () => {
  const { errors } = readPlan({ ...toFields(DEFAULT_PLAN), steps: '1, many', complaints: '', p95Ms: 'fast' });
  expect(errors.map(({ field }) => field)).toEqual(['steps', 'p95Ms', 'complaints']);
});

it('says each judgement once, at its own box', () => {
  const problems = [{ field: 'steps.0' }, { field: 'steps.3' }, { field: 'windowSeconds' }, { field: 'plan' }];
  expect(errorsOf(problems).map(({ field }) => field)).toEqual(['steps', 'windowSeconds']);
});
