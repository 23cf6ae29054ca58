import { Type } from 'typebox';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Source } from '../../migration/index.ts';
import { defineStep, forget, learned, problem, type Decision, type Step, type StepContext } from '../engine/step.ts';
import type { Problem } from '../engine/facts.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import { nameIn, offeredSources } from './offered-sources.ts';

const OldAccountForm = Type.Object(
  { login: Type.String({ maxLength: 1000 }), password: Type.String() },
  { additionalProperties: false },
);

/** The old user name and password: the proof of the old side. Unknown, adopted and disabled all read "wrong" (A11). */
export function oldAccountStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-account',
    path: 'old-account',
    template: 'journeys/first-sign-in/old-account.njk',
    form: OldAccountForm,
    isAllowed: ({ state }) => state.facts.oldSource !== undefined,
    isDone: ({ state }) => state.facts.oldProof !== undefined,
    undo: forget('oldProof', 'oldLegacyKey', 'oldUserName', 'oldProofExpired', 'oldRefused'),
    async get(context) {
      const { definition } = await chosenSource(deps, context);
      return {
        sourceName: nameIn(definition.name, context.language),
        loginLabel: nameIn(definition.identifier.label, context.language),
        login: context.facts.oldUserName ?? '',
        hasExpired: context.facts.oldProofExpired === true,
      };
    },
    async post(context, { login, password }) {
      const problems: Problem[] = [];
      if (login.trim() === '') problems.push({ field: 'login', key: 'journeys.firstSignIn.oldAccount.problems.login' });
      const refused = refusePassword(password);
      if (refused) problems.push(refused);
      if (problems.length > 0) return { outcome: 'problems', problems, values: { login } };
      return check(deps, context, login, password);
    },
  });
}

async function check(deps: JourneyDeps, context: StepContext, login: string, password: string): Promise<Decision> {
  const { source } = await chosenSource(deps, context);
  const { id: journeyId } = context.journey;
  const { ip } = context.request;
  const checked = await deps.migration.oldAccounts.check({
    source,
    login,
    password,
    ip,
    journeyId,
    browserKey: context.browserKey,
  });
  if (checked.outcome === 'match')
    return learned({ oldProof: checked.proof, oldLegacyKey: checked.legacyKey, oldUserName: login.trim() });
  deps.metrics.signIn(`old-account-${checked.outcome}`);
  if (checked.outcome === 'mismatch')
    return problem('login', 'journeys.firstSignIn.oldAccount.problems.wrong', { login });
  return { outcome: 'problems', problems: [tooManyTries('login', checked.retryAfterSeconds)], values: { login } };
}

/** The source that was chosen, as it stands now: suspended in the meantime counts. */
export async function chosenSource(deps: JourneyDeps, { interaction, facts }: StepContext): Promise<Source> {
  const offered = await offeredSources(deps, interaction);
  const source = offered.find((candidate) => candidate.source === facts.oldSource);
  if (!source) throw new LatchkeyError('not_allowed', 'This old service cannot be used here right now.');
  return source;
}
