import { Type } from 'typebox';
import { defineStep, forget, learned, problem, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { reserveTry, settleTry, tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import { oldAddressOf } from './old-code-step.ts';

/**
 * The proved address has a Latchkey account: its own proof is asked for. Holding the mailbox is not enough to join an old
 * account to it (root rule 2; guarantees.md E2, L1).
 */
export function oldExistingStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-existing',
    path: 'old-existing',
    template: 'journeys/first-sign-in/old-existing.njk',
    form: Type.Object({ password: Type.String() }, { additionalProperties: false }),
    isAllowed: ({ state }) => state.facts.oldAddressProvedAt !== undefined && state.facts.oldExistingId !== undefined,
    isDone: ({ state }) => state.facts.oldExistingId === undefined || state.facts.oldExistingProvedAt !== undefined,
    undo: forget('oldExistingProvedAt'),
    async get({ facts }) {
      return { address: oldAddressOf(facts) };
    },
    async post({ facts, request }, { password }) {
      const refused = refusePassword(password);
      if (refused) return { outcome: 'problems', problems: [refused] };
      const accountId = facts.oldExistingId ?? '';
      // The mailbox was proved in this journey: that is the second way.
      const throttle = await reserveTry(deps, { who: accountId, ip: request.ip, password, secondWay: true });
      if (throttle.verdict === 'wait')
        return { outcome: 'problems', problems: [tooManyTries('password', throttle.retryAfterSeconds)] };
      const checked = await deps.accounts.checkPasswordOf(accountId, password);
      if (checked.outcome !== 'match') return problem('password', 'journeys.firstSignIn.oldExisting.problems.wrong');
      await settleTry(deps, { who: accountId, ip: request.ip, password });
      return learned({ oldExistingProvedAt: deps.now().toISOString() });
    },
  });
}
