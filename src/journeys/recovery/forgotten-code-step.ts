import { codeStep } from '../codes/code-step.ts';
import type { Facts } from '../engine/facts.ts';
import { forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export function forgottenCodeStep(deps: JourneyDeps): Step {
  return codeStep(deps, {
    name: 'forgotten-code',
    path: 'forgotten-code',
    texts: 'recovery.code',
    purpose: 'recovery',
    challengeFact: 'forgottenCode',
    isAllowed: ({ state }) => state.facts.forgottenCode !== undefined && state.facts.forgottenProved !== true,
    isDone: ({ state }) => state.facts.forgottenProved === true,
    undo: forget('forgottenProved', 'forgottenAccountId', 'forgottenClosed', 'forgottenHasYounger'),
    addressOf: async ({ facts }) => forgottenAddressOf(facts),
    deliverTo: async () => true,
    onProved: async ({ facts }) => ({ forgottenProved: true, ...(await accountBehind(deps, facts)) }),
  });
}

async function accountBehind(deps: JourneyDeps, facts: Facts): Promise<Facts> {
  const address = forgottenAddressOf(facts);
  const accountId = await deps.accounts.findByEmail(address);
  if (accountId === undefined) return {};
  const account = await deps.accounts.read(accountId);
  if (account?.status !== 'active') return { forgottenClosed: true };
  const younger = await deps.accounts.contacts.youngerThan(accountId, address);
  return { forgottenAccountId: accountId, forgottenHasYounger: younger.length > 0 };
}

export function forgottenAddressOf(facts: Facts): string {
  if (facts.forgottenAddress === undefined) throw new Error('a recovery page was reached without an address');
  return facts.forgottenAddress;
}
