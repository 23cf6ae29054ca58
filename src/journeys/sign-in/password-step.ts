import { Type } from 'typebox';
import { canonicalEmail } from '../../accounts/index.ts';
import {
  defineStep,
  forget,
  learned,
  problem,
  type Decision,
  type DecisionWithin,
  type Step,
  type StepContext,
} from '../engine/step.ts';
import { reserveSend, sendCode } from '../codes/send-code.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { readDevice } from '../engine/browser-cookie.ts';
import { reserveTry, settleTry, tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import { knownAccountId, signInAddress } from './session-address.ts';

const NOBODY = '00000000-0000-7000-8000-000000000000';

/** The password: the same page, the same work and the same words whether or not the address is known (A11). */
export function passwordStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'password',
    path: 'password',
    template: 'journeys/sign-in/password.njk',
    form: Type.Object({ password: Type.String() }, { additionalProperties: false }),
    isAllowed: ({ interaction, state }) =>
      state.facts.address !== undefined || knownAccountId(interaction, state.facts) !== undefined,
    isDone: () => false,
    undo: forget('signedIn'),
    async get({ interaction, facts }) {
      return {
        address: await signInAddress(deps, interaction, facts),
        isKnown: knownAccountId(interaction, facts) !== undefined,
        hasChecked: facts.checkPassed === true,
      };
    },
    async post(context, { password }) {
      const refused = refusePassword(password);
      if (refused) return { outcome: 'problems', problems: [refused] };
      return tryPassword(deps, context, password);
    },
  });
}

async function tryPassword(
  deps: JourneyDeps,
  context: StepContext,
  password: string,
): Promise<Decision | DecisionWithin> {
  const { interaction, facts, request } = context;
  const address = await signInAddress(deps, interaction, facts);
  const accountId = await deps.accounts.findByEmail(address);
  const who = accountId ?? canonicalEmail(address);
  const secondWay = async (): Promise<boolean> =>
    (await deps.accounts.devices.isKnown(accountId ?? NOBODY, readDevice(request) ?? '')) || facts.checkPassed === true;
  const throttle = await reserveTry(deps, { who, ip: request.ip, password, secondWay });
  if (throttle.verdict === 'wait')
    return { outcome: 'problems', problems: [tooManyTries('password', throttle.retryAfterSeconds)] };
  if (throttle.verdict === 'second-way') return askForSecondWay(deps, context, address, accountId !== undefined);
  const known = knownAccountId(interaction, facts);
  const checked = await (known === undefined
    ? deps.accounts.checkPassword(address, password)
    : deps.accounts.checkPasswordOf(known, password));
  if (checked.outcome === 'match') {
    await settleTry(deps, { who, ip: request.ip, password });
    return learned({ signedIn: { accountId: checked.accountId, amr: ['pwd'] } });
  }
  recordFailure(deps, context, checked.outcome, accountId);
  return problem('password', 'journeys.signIn.password.problems.wrong');
}

async function askForSecondWay(
  deps: JourneyDeps,
  context: StepContext,
  address: string,
  deliver: boolean,
): Promise<Decision | DecisionWithin> {
  const tooMany = await reserveSend(deps, context, address, 'password');
  if (tooMany) return { outcome: 'problems', problems: [tooMany] };
  recordFailure(deps, context, 'second-way-asked');
  return async (tx) =>
    learned({
      checkSent: await sendCode(deps, tx, context, { purpose: 'check', address, deliver }),
      checkPassed: false,
    });
}

function recordFailure(deps: JourneyDeps, context: StepContext, reason: string, accountId?: string): void {
  deps.metrics.signIn(reason === 'mismatch' ? 'wrong-password' : reason);
  deps.auditBatch.record({
    type: reason === 'mismatch' ? 'account.sign-in-failed' : 'account.sign-in-blocked',
    actor: 'citizen',
    accountId,
    clientId: context.interaction.clientId,
    correlationId: context.journey.id,
    detail: { reason },
  });
}
