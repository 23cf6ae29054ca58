import { Type } from 'typebox';
import { defineStep, forget, learned, type Step } from '../engine/step.ts';
import type { Facts } from '../engine/facts.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { contextWords } from '../passwords/context-words.ts';
import { judgeNewPassword } from '../passwords/judge-new-password.ts';
import { oldAddressOf } from './old-code-step.ts';

/** A password for the new account, where the old sign-in method had none that could come along. */
export function oldPasswordStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-password',
    path: 'old-password',
    template: 'journeys/first-sign-in/old-password.njk',
    form: Type.Object({ password: Type.String() }, { additionalProperties: false }),
    isAllowed: ({ state }) => state.facts.oldAddressProvedAt !== undefined && needsPassword(state.facts),
    isDone: ({ state }) => state.facts.oldNewPassword !== undefined || !needsPassword(state.facts),
    undo: forget('oldNewPassword'),
    async get({ facts }) {
      return { address: oldAddressOf(facts), minimum: deps.config.passwords.minimumLength };
    },
    async post(context, { password }) {
      const words = [oldAddressOf(context.facts), ...(await contextWords(deps, context.interaction))];
      const problems = judgeNewPassword(deps, password, { words });
      if (problems.length > 0) return { outcome: 'problems', problems };
      return learned({ oldNewPassword: await deps.accounts.hashPassword(password) });
    },
  });
}

const needsPassword = ({ oldExistingId, oldProofs = [] }: Facts): boolean =>
  oldExistingId === undefined && !oldProofs.some(({ carries }) => carries);
