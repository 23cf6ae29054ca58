import { Type } from 'typebox';
import { defineStep, type Step } from '../engine/step.ts';
import { newAddressOf } from './create-code-step.ts';

/** The mailbox is proved, and it has an account: says so, and leads to the sign-in. The code itself signs nobody in. */
export const createExistsStep: Step = defineStep({
  name: 'create-exists',
  path: 'create-exists',
  template: 'journeys/sign-up/create-exists.njk',
  form: Type.Object({}, { additionalProperties: false }),
  isAllowed: ({ state }) => state.facts.newAddressProved === true && state.facts.newAddressTaken === true,
  isDone: ({ state }) => state.facts.newAddressTaken !== true,
  undo: (facts) => facts,
  async get({ facts }) {
    return { address: newAddressOf(facts) };
  },
  async post({ facts, interaction }) {
    const address = newAddressOf(facts);
    const other = interaction.sessionAccountId === undefined ? {} : { otherAccount: true };
    return { outcome: 'turned', way: 'sign-in', facts: { address, ...other } };
  },
});
