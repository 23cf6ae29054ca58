import { AddressForm, sendToAddress } from '../codes/ask-address.ts';
import { defineStep, forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** A forgotten password begins with the mailbox. A code goes out whether or not the address has an account. */
export function forgottenStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'forgotten',
    path: 'forgotten',
    template: 'journeys/recovery/forgotten.njk',
    form: AddressForm,
    isAllowed: () => true,
    isDone: ({ state }) => state.facts.forgottenAddress !== undefined,
    undo: forget('forgottenAddress', 'forgottenCode'),
    async get({ facts }) {
      return { address: facts.forgottenAddress ?? facts.address ?? facts.newAddress ?? '' };
    },
    post: (context, form) =>
      sendToAddress(deps, context, form.address, {
        purpose: 'recovery',
        facts: (forgottenAddress, forgottenCode) => ({ forgottenAddress, forgottenCode }),
      }),
  });
}
