import { Type } from 'typebox';
import { isEmailAddress } from '../../accounts/index.ts';
import type { Facts } from '../engine/facts.ts';
import { learned, problem, type Decision, type DecisionWithin, type StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { reserveSend, sendCode, type CodePurpose } from './send-code.ts';

export const AddressForm = Type.Object({ address: Type.String({ maxLength: 1000 }) }, { additionalProperties: false });

/** Takes an address and sends a code there, whoever has it: what the address means is told by the mailbox only. */
export async function sendToAddress(
  deps: JourneyDeps,
  context: StepContext,
  typed: string,
  how: { readonly purpose: CodePurpose; facts(address: string, challengeId: string): Facts },
): Promise<Decision | DecisionWithin> {
  const address = typed.trim();
  if (!isEmailAddress(address)) return problem('address', 'journeys.problems.address', { address: typed });
  const tooMany = await reserveSend(deps, context, address, 'address');
  if (tooMany) return { outcome: 'problems', problems: [tooMany], values: { address } };
  return async (tx) => {
    const challengeId = await sendCode(deps, tx, context, { purpose: how.purpose, address });
    return learned(how.facts(address, challengeId));
  };
}
