import { Type } from 'typebox';
import { defineStep, forget, learned, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sendNotice } from '../notices/send-notice.ts';
import { contextWords } from '../passwords/context-words.ts';
import { judgeNewPassword } from '../passwords/judge-new-password.ts';
import { newAddressOf } from './create-code-step.ts';

/** The password of the new account, and with it the account: claim of the address, credential and notice in one. */
export function createPasswordStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'create-password',
    path: 'create-password',
    template: 'journeys/sign-up/create-password.njk',
    form: Type.Object({ password: Type.String() }, { additionalProperties: false }),
    isAllowed: ({ state }) => state.facts.newAddressProved === true && state.facts.newAddressTaken === false,
    isDone: () => false,
    undo: forget('signedIn'),
    async get({ facts }) {
      return { address: newAddressOf(facts), minimum: deps.config.passwords.minimumLength };
    },
    async post(context, { password }) {
      const email = newAddressOf(context.facts);
      const words = [email, ...(await contextWords(deps, context.interaction))];
      const problems = judgeNewPassword(deps, password, { words });
      if (problems.length > 0) return { outcome: 'problems', problems };
      const hash = await deps.accounts.hashPassword(password);
      const meta = { actor: 'citizen', correlationId: context.journey.id };
      return async (tx) => {
        const { language } = context;
        const created = await deps.accounts.create(tx, { email, language, password: hash }, meta);
        if (created.outcome === 'email-taken') return learned({ newAddressTaken: true });
        await sendNotice(deps, tx, { notice: 'account-created', to: [email], language });
        return learned({ signedIn: { accountId: created.accountId, amr: ['pwd'] } });
      };
    },
  });
}
