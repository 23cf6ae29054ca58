import { AddressForm, sendToAddress } from '../codes/ask-address.ts';
import { defineStep, forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** The address of the Latchkey account. Never filled in from the old record: it is shown masked, as a hint, at most. */
export function oldEmailStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-email',
    path: 'old-email',
    template: 'journeys/first-sign-in/old-email.njk',
    form: AddressForm,
    isAllowed: ({ state }) => state.facts.oldProved === true,
    isDone: ({ state }) => state.facts.oldAddress !== undefined,
    undo: forget('oldAddress', 'oldAddressCode'),
    async get({ facts }) {
      const described = await deps.migration.oldAccounts.describe(facts.oldLegacyKey ?? '');
      return { address: facts.oldAddress ?? '', emailHint: described?.emailHint };
    },
    post: (context, form) =>
      sendToAddress(deps, context, form.address, {
        purpose: 'old-account',
        facts: (oldAddress, oldAddressCode) => ({ oldAddress, oldAddressCode }),
      }),
  });
}
