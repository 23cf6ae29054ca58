import { Type } from 'typebox';
import { defineStep, forget, learned, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sessionAddress } from './session-address.ts';

/** What a service may see, in the order in which the page lists it. */
const SEEN = [
  { text: 'email', scope: 'email', claim: 'email' },
  { text: 'phone', scope: 'phone', claim: 'phone_number' },
  { text: 'name', scope: 'profile', claim: 'name' },
  { text: 'oldAccounts', scope: undefined, claim: 'legacy_accounts' },
  { text: 'actsFor', scope: undefined, claim: 'acts_for' },
  { text: 'organisations', scope: undefined, claim: 'organisations' },
  { text: 'earlierIds', scope: undefined, claim: 'also_known_as' },
] as const;

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
      const scopes: readonly string[] = found?.metadata.scopes ?? [];
      const claims: readonly string[] = found?.metadata.claims ?? [];
      const seen = SEEN.filter(
        ({ scope, claim }) => (scope !== undefined && scopes.includes(scope)) || claims.includes(claim),
      );
      return { address: await sessionAddress(deps, interaction), seen: seen.map(({ text }) => text) };
    },
    async post(_context, { action }) {
      return action === 'cancel' ? { outcome: 'left' } : learned({ confirmed: true });
    },
  });
}
