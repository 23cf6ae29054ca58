import { Type } from 'typebox';
import { canonicalEmail } from '../../accounts/index.ts';
import type { Facts, Problem } from '../engine/facts.ts';
import {
  defineStep,
  learned,
  problem,
  type Decision,
  type DecisionWithin,
  type Journey,
  type Step,
  type StepContext,
} from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { reserveSend, sendCode, type CodePurpose } from './send-code.ts';

const CodeForm = Type.Object(
  { code: Type.Optional(Type.String({ maxLength: 100 })), action: Type.Optional(Type.Literal('resend')) },
  { additionalProperties: false },
);

export interface CodeStepOptions {
  readonly name: string;
  readonly path: string;
  /** Where the texts of this page are: `journeys.<texts>`. */
  readonly texts: string;
  readonly purpose: CodePurpose;
  readonly challengeFact: 'checkSent' | 'newAddressCode' | 'forgottenCode' | 'oldAddressCode';
  isAllowed(journey: Journey): boolean;
  isDone(journey: Journey): boolean;
  undo(facts: Facts): Facts;
  addressOf(context: StepContext): Promise<string>;
  /** Whether mail really leaves; the work is the same. */
  deliverTo(context: StepContext): Promise<boolean>;
  /** What is known once the mailbox has been proved. */
  onProved(context: StepContext): Promise<Facts>;
}

/** The page that asks for a code from an e-mail; the same whatever stands behind the address. */
export function codeStep(deps: JourneyDeps, options: CodeStepOptions): Step {
  return defineStep({
    ...options,
    template: 'journeys/codes/code.njk',
    form: CodeForm,
    async get(context) {
      return { texts: options.texts, address: await options.addressOf(context) };
    },
    post: (context, form) =>
      form.action === 'resend' ? resend(deps, options, context) : check(deps, options, context, form.code ?? ''),
  });
}

async function resend(
  deps: JourneyDeps,
  options: CodeStepOptions,
  context: StepContext,
): Promise<Decision | DecisionWithin> {
  const address = await options.addressOf(context);
  const tooMany = await reserveSend(deps, context, address, 'code');
  if (tooMany) return { outcome: 'problems', problems: [tooMany] };
  const deliver = await options.deliverTo(context);
  return async (tx) => {
    const challengeId = await sendCode(deps, tx, context, { purpose: options.purpose, address, deliver });
    return learned({ [options.challengeFact]: challengeId });
  };
}

const PROBLEMS = {
  wrong: 'journeys.codes.problems.wrong',
  expired: 'journeys.codes.problems.expired',
  'used-up': 'journeys.codes.problems.usedUp',
} as const;

async function check(
  deps: JourneyDeps,
  options: CodeStepOptions,
  context: StepContext,
  typed: string,
): Promise<Decision> {
  const code = typed.normalize('NFKC').replaceAll(/[\s-]/g, '');
  if (code === '') return problem('code', 'journeys.codes.problems.missing');
  if (!/^\d{6}$/.test(code)) return problem('code', 'journeys.codes.problems.notSixDigits');
  const challengeId = context.facts[options.challengeFact];
  if (challengeId === undefined) return problem('code', PROBLEMS.expired);
  const boundTo = [context.journey.id, canonicalEmail(await options.addressOf(context))];
  const outcome = await deps.accounts.codes.check({ challengeId, purpose: options.purpose, boundTo, code });
  if (outcome === 'ok') return learned(await options.onProved(context));
  deps.auditBatch.record({
    type: outcome === 'used-up' ? 'code.used-up' : 'code.wrong',
    actor: 'citizen',
    clientId: context.interaction.clientId,
    correlationId: context.journey.id,
    detail: { purpose: options.purpose, outcome },
  });
  const found: Problem = { field: 'code', key: PROBLEMS[outcome] };
  return { outcome: 'problems', problems: [found] };
}
