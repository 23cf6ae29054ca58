import { codeStep } from '../codes/code-step.ts';
import type { Facts } from '../engine/facts.ts';
import { forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export function oldCodeStep(deps: JourneyDeps): Step {
  return codeStep(deps, {
    name: 'old-code',
    path: 'old-code',
    texts: 'firstSignIn.code',
    purpose: 'old-account',
    challengeFact: 'oldAddressCode',
    isAllowed: ({ state }) => state.facts.oldAddressCode !== undefined && state.facts.oldAddressProvedAt === undefined,
    isDone: ({ state }) => state.facts.oldAddressProvedAt !== undefined,
    undo: forget('oldAddressProvedAt', 'oldExistingId'),
    addressOf: async ({ facts }) => oldAddressOf(facts),
    deliverTo: async () => true,
    onProved: async ({ facts }) => {
      const existing = await deps.accounts.findByEmail(oldAddressOf(facts));
      const oldAddressProvedAt = deps.now().toISOString();
      return existing === undefined ? { oldAddressProvedAt } : { oldAddressProvedAt, oldExistingId: existing };
    },
  });
}

export function oldAddressOf(facts: Facts): string {
  if (facts.oldAddress === undefined) throw new Error('a first sign-in page was reached without an address');
  return facts.oldAddress;
}
