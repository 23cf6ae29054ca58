import { Type } from 'typebox';
import type { ListedContact } from '../../accounts/index.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import { defineStep, forget, learned, type Journey, type Step, type StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { forgottenAddressOf } from './forgotten-code-step.ts';

const FIELD = 'mine-';
const Answers = Type.Record(Type.String({ pattern: `^${FIELD}[0-9a-f-]{36}$` }), Type.Enum(['yes', 'no']));

/** Whether every address that was added later than the proved one was looked at. */
export const hasLookedAtAddresses = ({ state }: Journey): boolean =>
  state.facts.forgottenHasYounger !== true || state.facts.forgottenKeep !== undefined;

/**
 * Addresses that were added later than the one that was proved: somebody who had the password may have added their own, to
 * come back with (linking-attacks 3). Each is kept or removed by the owner's word; none silently.
 */
export function forgottenAddressesStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'forgotten-addresses',
    path: 'forgotten-addresses',
    template: 'journeys/recovery/forgotten-addresses.njk',
    form: Answers,
    isAllowed: ({ state }) => state.facts.forgottenProved === true && state.facts.forgottenHasYounger === true,
    isDone: hasLookedAtAddresses,
    undo: forget('forgottenKeep'),
    async get(context) {
      const younger = await youngerOf(deps, context);
      return {
        address: forgottenAddressOf(context.facts),
        others: younger.map((one) => ({
          field: FIELD + one.identityId,
          address: one.address,
          added: dateIn(context.language, one.addedAt),
          choice: choiceOf(context, one),
        })),
      };
    },
    async post(context, answers) {
      const younger = await youngerOf(deps, context);
      const open = younger.filter((one) => answers[FIELD + one.identityId] === undefined);
      if (open.length > 0)
        return {
          outcome: 'problems',
          problems: open.map((one) => ({
            field: FIELD + one.identityId,
            key: 'journeys.recovery.addresses.problems.choose',
            values: { address: one.address },
          })),
          values: answers,
        };
      const kept = younger.filter((one) => answers[FIELD + one.identityId] === 'yes');
      return learned({ forgottenKeep: kept.map(({ identityId }) => identityId) });
    },
  });
}

function youngerOf({ accounts }: JourneyDeps, { facts }: StepContext): Promise<readonly ListedContact[]> {
  return accounts.contacts.youngerThan(facts.forgottenAccountId ?? '', forgottenAddressOf(facts));
}

/** What was chosen before, for somebody who comes back to the page. */
function choiceOf({ facts }: StepContext, { identityId }: ListedContact): 'yes' | 'no' | undefined {
  if (facts.forgottenKeep === undefined) return undefined;
  return facts.forgottenKeep.includes(identityId) ? 'yes' : 'no';
}
