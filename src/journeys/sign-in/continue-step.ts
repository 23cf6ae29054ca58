import { Type } from 'typebox';
import { defineStep, forget, learned, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { whatServiceSees } from '../services/what-service-sees.ts';
import { sessionAddress } from './session-address.ts';

/** `prompt=consent`: services are approved beforehand, so this only says plainly what the service will see. */
export function continueStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'continue',
    path: 'continue',
    template: 'journeys/sign-in/continue.njk',
    form: Type.Object({ action: Type.Enum(['continue', 'cancel']) }, { additionalProperties: false }),
    isAllowed: () => true,
    isDone: () => false,
    undo: forget('confirmed'),
    async get({ interaction }) {
      const found = await deps.relyingParties.find(interaction.clientId);
      const seen = found ? whatServiceSees(found.metadata) : [];
      return { address: await sessionAddress(deps, interaction), seen };
    },
    async post(_context, { action }) {
      return action === 'cancel' ? { outcome: 'left' } : learned({ confirmed: true });
    },
  });
}
