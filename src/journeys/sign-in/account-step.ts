import { Type } from 'typebox';
import { defineStep, forget, learned, problem, type Journey, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sessionAddress } from './session-address.ts';

const isAsked = ({ interaction }: Journey): boolean =>
  interaction.prompt === 'select_account' && interaction.sessionAccountId !== undefined;

/** `prompt=select_account`: go on as the account of this browser's session, or as somebody else. */
export function accountStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'account',
    path: 'account',
    template: 'journeys/sign-in/account.njk',
    form: Type.Object({ choice: Type.Optional(Type.Enum(['session', 'other'])) }, { additionalProperties: false }),
    isAllowed: isAsked,
    isDone: (journey) => !isAsked(journey) || journey.state.facts.otherAccount === true,
    undo: forget('otherAccount'),
    async get({ interaction }) {
      return { address: await sessionAddress(deps, interaction) };
    },
    async post(_context, { choice }) {
      if (choice === undefined) return problem('choice', 'journeys.signIn.account.problems.choose');
      return learned(choice === 'session' ? { confirmed: true } : { otherAccount: true });
    },
  });
}
