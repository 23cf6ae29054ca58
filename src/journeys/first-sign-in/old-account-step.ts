import { Type } from 'typebox';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Source } from '../../migration/index.ts';
import { defineStep, forget, type Decision, type Step, type StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { complaintOf } from '../old-proof/complaint-of.ts';
import { codeInLink, originOf, showAsked } from '../old-proof/show-asked.ts';
import {
  answersTo,
  AWAY,
  firstField,
  problemsOfFields,
  shownAgain,
  takeProof,
  waysLeft,
} from '../old-proof/take-proof.ts';
import { readReturn } from '../old-proof/read-return.ts';
import { refusePassword } from '../passwords/read-password.ts';
import { nameIn, offeredSources } from './offered-sources.ts';
import { attemptHere, beginWith, decideTaken } from './prove-old-account.ts';

/** Whatever boxes the sign-in method has; only those that were asked for are looked at. */
const OldAccountForm = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 4096 }));

/** The proof of the old side, by whatever sign-in method. Unknown, adopted and disabled all read "wrong" (A11). */
export function oldAccountStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-account',
    path: 'old-account',
    template: 'journeys/first-sign-in/old-account.njk',
    form: OldAccountForm,
    isAllowed: ({ state }) => state.facts.oldWay !== undefined && state.facts.oldProved !== true,
    isDone: ({ state }) => state.facts.oldProved === true,
    undo: forget(
      'oldProofs',
      'oldProved',
      'oldLegacyKey',
      'oldUserName',
      'oldRefusal',
      'oldComplained',
      'oldProofExpired',
      'oldRefused',
    ),
    get: (context) => show(deps, context),
    async post(context, form) {
      if (form['complain'] !== undefined) return complain(deps, context);
      return form['again'] === undefined ? check(deps, context, form) : again(deps, context);
    },
    returned: (context) => takeReturn(deps, context),
  });
}

async function show(deps: JourneyDeps, context: StepContext): Promise<Record<string, unknown>> {
  const { facts, language, reply, request } = context;
  const source = await chosenSource(deps, context);
  const origin = originOf(facts.oldAsked);
  if (origin !== undefined) reply.cspFormAction(origin);
  const flash = context.journey.state.flash?.values ?? {};
  const typed = { login: facts.oldUserName, ...codeInLink(request), ...flash };
  return {
    sourceName: nameIn(source.definition.name, language),
    way: facts.oldWay,
    asked: showAsked(deps, facts.oldAsked, { language, typed }),
    hasExpired: facts.oldProofExpired === true,
    isFurther: (facts.oldProofs ?? []).length > 0,
    ...complaintOf({ refusal: facts.oldRefusal, complained: facts.oldComplained }),
    hasOthers: (await waysLeft(deps, source.source, facts.oldProofs ?? [])).length > 1,
  };
}

async function check(deps: JourneyDeps, context: StepContext, typed: Record<string, string>): Promise<Decision> {
  const { oldAsked, oldWay, oldProofs = [] } = context.facts;
  const values = shownAgain(oldAsked, typed);
  const missing = problemsOfFields(oldAsked, typed);
  if (missing.length > 0) return { outcome: 'problems', problems: missing, values };
  const refused = typed['password'] === undefined ? undefined : refusePassword(typed['password']);
  if (refused) return { outcome: 'problems', problems: [refused], values };
  if (oldAsked?.outcome !== 'asks' || oldWay === undefined) return again(deps, context);

  const source = await chosenSource(deps, context);
  const fields = answersTo(oldAsked, typed);
  const attempt = attemptHere(deps, context, { source, way: oldWay });
  const result = await deps.migration.proving.answer({ ...attempt, state: oldAsked.state, fields });
  const before = { source: source.source, proofs: oldProofs, field: firstField(oldAsked) };
  return decideTaken(deps, context, { source, taken: await takeProof(deps, result, before), typed: values });
}

/** Back from the old service's own page, or through the gateway that says who it is. */
async function takeReturn(deps: JourneyDeps, context: StepContext): Promise<Decision> {
  const { oldAsked, oldWay, oldProofs = [] } = context.facts;
  const source = await chosenSource(deps, context);
  if (oldWay === undefined || !oldAsked || oldAsked.outcome === 'asks') return again(deps, context);
  const attempt = attemptHere(deps, context, { source, way: oldWay });
  const result = await readReturn(deps, { attempt, left: oldAsked, request: context.request });
  const before = { source: source.source, proofs: oldProofs, field: AWAY };
  const taken = await takeProof(deps, result, before);
  const decided = await decideTaken(deps, context, { source, taken, typed: {} });
  // A departure is good for one return: the next try departs anew.
  if (decided.outcome !== 'problems') return decided;
  const begun = await beginWith(deps, context, { source, way: oldWay });
  return { ...decided, facts: { ...context.facts, ...begun } };
}

/** The old service did not answer, or the way there is stale: the same way once more. */
async function again(deps: JourneyDeps, context: StepContext): Promise<Decision> {
  const source = await chosenSource(deps, context);
  const { oldAsked: _, oldWay, ...kept } = context.facts;
  const begun = await beginWith(deps, context, { source, ...(oldWay && { way: oldWay }) });
  return { outcome: 'turned', way: 'first-sign-in', facts: { ...kept, ...begun } };
}

/** "My details are right." Whether it counts is for others to find out; the page is the same for all. */
function complain({ migration }: JourneyDeps, { facts, journey, request }: StepContext): Decision {
  if (facts.oldRefusal !== undefined && facts.oldComplained !== true)
    void migration.sideBySide.cutover.hear(facts.oldRefusal, { ip: request.ip, correlationId: journey.id });
  return { outcome: 'turned', way: 'first-sign-in', facts: { ...facts, oldComplained: true } };
}

/** The source that was chosen, as it stands now: suspended in the meantime counts. */
export async function chosenSource(deps: JourneyDeps, { interaction, facts }: StepContext): Promise<Source> {
  const offered = await offeredSources(deps, interaction);
  const source = offered.find((candidate) => candidate.source === facts.oldSource);
  if (!source) throw new LatchkeyError('not_allowed', 'This old service cannot be used here right now.');
  return source;
}
