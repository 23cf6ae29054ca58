import { Type } from 'typebox';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { defineStep, type Step } from '../engine/step.ts';
import { forgottenAddressOf } from './forgotten-code-step.ts';

/** The mailbox is proved and has no account that can be used: offers to make one, with the address as it was proved. */
export const forgottenNoAccountStep: Step = defineStep({
  name: 'forgotten-no-account',
  path: 'forgotten-no-account',
  template: 'journeys/recovery/forgotten-no-account.njk',
  form: Type.Object({}, { additionalProperties: false }),
  isAllowed: ({ state }) => state.facts.forgottenProved === true && state.facts.forgottenAccountId === undefined,
  isDone: ({ state }) => state.facts.forgottenAccountId !== undefined,
  undo: (facts) => facts,
  async get({ facts }) {
    return { address: forgottenAddressOf(facts), isClosed: facts.forgottenClosed === true };
  },
  async post({ facts }) {
    if (facts.forgottenClosed) throw new LatchkeyError('not_allowed', 'This account cannot be used.');
    const proved = { newAddress: forgottenAddressOf(facts), newAddressProved: true, newAddressTaken: false };
    return { outcome: 'turned', way: 'sign-up', facts: proved };
  },
});
