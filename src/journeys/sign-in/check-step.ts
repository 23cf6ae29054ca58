import { codeStep } from '../codes/code-step.ts';
import { forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { signInAddress } from './session-address.ts';

/**
 * After nine wrong passwords in a row the next one needs a second way. The code alone signs nobody in (A15): the password
 * is asked for after it. For an address without an account the page is the same and no mail leaves.
 */
export function checkStep(deps: JourneyDeps): Step {
  return codeStep(deps, {
    name: 'check',
    path: 'check',
    texts: 'signIn.check',
    purpose: 'check',
    challengeFact: 'checkSent',
    isAllowed: ({ state }) => state.facts.checkSent !== undefined && state.facts.checkPassed !== true,
    isDone: ({ state }) => state.facts.checkSent === undefined || state.facts.checkPassed === true,
    undo: forget('checkSent', 'checkPassed'),
    addressOf: ({ interaction, facts }) => signInAddress(deps, interaction, facts),
    deliverTo: async ({ interaction, facts }) =>
      (await deps.accounts.findByEmail(await signInAddress(deps, interaction, facts))) !== undefined,
    onProved: async ({ facts }) => ({ checkPassed: true, ...(facts.checkSent && { checkSent: facts.checkSent }) }),
  });
}
