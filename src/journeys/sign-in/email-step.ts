import { Type } from 'typebox';
import { isEmailAddress } from '../../accounts/index.ts';
import { defineStep, forget, learned, problem, type Step } from '../engine/step.ts';
import { knownAccountId } from './session-address.ts';

/** The e-mail address: the entry. Nothing is looked up here, so nothing can be told. */
export const emailStep: Step = defineStep({
  name: 'email',
  path: 'email',
  template: 'journeys/sign-in/email.njk',
  form: Type.Object({ address: Type.String({ maxLength: 1000 }) }, { additionalProperties: false }),
  isAllowed: () => true,
  isDone: ({ interaction, state }) =>
    state.facts.address !== undefined || knownAccountId(interaction, state.facts) !== undefined,
  undo: forget('address'),
  async get({ facts, interaction }) {
    return {
      address: facts.address ?? interaction.loginHint ?? '',
      offersOldAccounts: interaction.service.sources.length > 0,
    };
  },
  async post({ interaction }, form) {
    const address = form.address.trim();
    if (!isEmailAddress(address)) return problem('address', 'journeys.problems.address', { address: form.address });
    return learned(interaction.sessionAccountId === undefined ? { address } : { address, otherAccount: true });
  },
});
