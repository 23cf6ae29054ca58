import { AddressForm, sendToAddress } from '../codes/ask-address.ts';
import { defineStep, forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** The address of a new account. The next page is the same whether or not it has one already. */
export function createStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'create',
    path: 'create',
    template: 'journeys/sign-up/create.njk',
    form: AddressForm,
    isAllowed: () => true,
    isDone: ({ state }) => state.facts.newAddress !== undefined,
    undo: forget('newAddress', 'newAddressCode'),
    async get({ facts }) {
      return { address: facts.newAddress ?? facts.address ?? '' };
    },
    post: (context, form) =>
      sendToAddress(deps, context, form.address, {
        purpose: 'sign-up',
        facts: (newAddress, newAddressCode) => ({ newAddress, newAddressCode }),
      }),
  });
}
