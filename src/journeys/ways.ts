import type { Ways } from './engine/dispatch.ts';
import type { Way } from './engine/facts.ts';
import type { Step } from './engine/step.ts';
import { oldAccountStep } from './first-sign-in/old-account-step.ts';
import { oldCodeStep } from './first-sign-in/old-code-step.ts';
import { oldConfirmStep } from './first-sign-in/old-confirm-step.ts';
import { oldEmailStep } from './first-sign-in/old-email-step.ts';
import { oldExistingStep } from './first-sign-in/old-existing-step.ts';
import { oldPasswordStep } from './first-sign-in/old-password-step.ts';
import { oldRefusedStep } from './first-sign-in/old-refused-step.ts';
import { oldServiceStep } from './first-sign-in/old-service-step.ts';
import { oldWayStep } from './first-sign-in/old-way-step.ts';
import type { JourneyDeps } from './journey-deps.ts';
import { forgottenAddressesStep } from './recovery/forgotten-addresses-step.ts';
import { forgottenCodeStep } from './recovery/forgotten-code-step.ts';
import { forgottenNoAccountStep } from './recovery/forgotten-no-account-step.ts';
import { forgottenStep } from './recovery/forgotten-step.ts';
import { newPasswordStep } from './recovery/new-password-step.ts';
import { accountStep } from './sign-in/account-step.ts';
import { checkStep } from './sign-in/check-step.ts';
import { continueStep } from './sign-in/continue-step.ts';
import { emailStep } from './sign-in/email-step.ts';
import { passwordStep } from './sign-in/password-step.ts';
import { createCodeStep } from './sign-up/create-code-step.ts';
import { createExistsStep } from './sign-up/create-exists-step.ts';
import { createPasswordStep } from './sign-up/create-password-step.ts';
import { createStep } from './sign-up/create-step.ts';

/** Every way through the house, each with its pages in order. Read it from top to bottom: that is what is asked. */
export function createWays(deps: JourneyDeps): Ways {
  return {
    'sign-in': [
      accountStep(deps), // select_account: this account, or another?
      emailStep,
      checkStep(deps), // only after nine wrong passwords in a row
      passwordStep(deps),
    ],
    consent: [continueStep(deps)],
    'sign-up': [
      createStep(deps),
      createCodeStep(deps),
      createExistsStep, // only when the proved address has an account
      createPasswordStep(deps),
    ],
    recovery: [
      forgottenStep(deps),
      forgottenCodeStep(deps),
      forgottenAddressesStep(deps), // only when there are later ones than the proved one
      forgottenNoAccountStep, // only when the proved address has none
      newPasswordStep(deps),
    ],
    'first-sign-in': [
      oldServiceStep(deps),
      oldWayStep(deps), // only where the old service leaves a choice
      oldAccountStep(deps), // proof of the old side
      oldEmailStep(deps),
      oldCodeStep(deps), // proof of the mailbox
      oldExistingStep(deps), // proof of the other side, when the address has an account
      oldPasswordStep(deps), // only for a new account that no password came along with
      oldConfirmStep(deps),
      oldRefusedStep, // only when it was refused
    ],
  } as const satisfies Record<Way, readonly Step[]>;
}
