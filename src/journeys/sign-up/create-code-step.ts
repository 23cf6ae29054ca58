import { codeStep } from '../codes/code-step.ts';
import type { Facts } from '../engine/facts.ts';
import { forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export function createCodeStep(deps: JourneyDeps): Step {
  return codeStep(deps, {
    name: 'create-code',
    path: 'create-code',
    texts: 'signUp.code',
    purpose: 'sign-up',
    challengeFact: 'newAddressCode',
    isAllowed: ({ state }) => state.facts.newAddressCode !== undefined && state.facts.newAddressProved !== true,
    isDone: ({ state }) => state.facts.newAddressProved === true,
    undo: forget('newAddressProved', 'newAddressTaken'),
    addressOf: async ({ facts }) => newAddressOf(facts),
    deliverTo: async () => true,
    // Only the one who holds the mailbox learns whether it has an account.
    onProved: async ({ facts }) => ({
      newAddressProved: true,
      newAddressTaken: (await deps.accounts.findByEmail(newAddressOf(facts))) !== undefined,
    }),
  });
}

export function newAddressOf(facts: Facts): string {
  if (facts.newAddress === undefined) throw new Error('a sign-up page was reached without an address');
  return facts.newAddress;
}
