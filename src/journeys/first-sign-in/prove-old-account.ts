import type { OldWay, ProvingAttempt } from '../../migration/index.ts';
import type { Facts } from '../engine/facts.ts';
import { pathOf } from '../engine/page-request.ts';
import type { Decision, StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { provingAttempt, tooManyDepartures } from '../old-proof/proving-attempt.ts';
import { type Taken, waysLeft } from '../old-proof/take-proof.ts';
import { nameIn } from './offered-sources.ts';
import type { Source } from '../../migration/index.ts';

/** An attempt in this journey: whatever it proves is good here only. */
export function attemptHere(
  deps: JourneyDeps,
  context: StepContext,
  { source, way }: { readonly source: Source; readonly way: OldWay },
): ProvingAttempt {
  const { journey, request, language, browserKey } = context;
  return provingAttempt(deps, {
    source: source.source,
    sourceName: nameIn(source.definition.name, language),
    way,
    place: { journeyId: journey.id, browserKey },
    ip: request.ip,
    language,
    tag: journey.id,
    page: pathOf(journey, 'old-account'),
  });
}

/** Begins with a way, or with the only one there is: a choice of one is no question. */
export async function beginWith(
  deps: JourneyDeps,
  context: StepContext,
  chosen: { readonly source: Source; readonly way?: OldWay; readonly proofs?: Facts['oldProofs'] },
): Promise<Facts> {
  const { source, proofs = [] } = chosen;
  const ways = chosen.way ? [chosen.way] : await waysLeft(deps, source.source, proofs);
  const [way] = ways;
  if (way === undefined || ways.length > 1) return { oldHasChoice: true };
  const started = await deps.migration.proving.start(attemptHere(deps, context, { source, way }));
  if (started.outcome === 'too-many') throw tooManyDepartures(started.retryAfterSeconds);
  if (started.outcome === 'asks' || 'handle' in started) return { oldWay: way, oldAsked: started };
  return { oldWay: way };
}

/** What the journey knows once an attempt was judged. */
export async function decideTaken(
  deps: JourneyDeps,
  context: StepContext,
  { source, taken, typed }: { readonly source: Source; readonly taken: Taken; readonly typed: Record<string, string> },
): Promise<Decision> {
  const known = knownBefore(context.facts, typed);
  if (taken.outcome === 'problems') {
    const { problems, asked, refusal } = taken;
    const learned = { ...(asked && { oldAsked: asked }), ...(refusal !== undefined && { oldRefusal: refusal }) };
    return { outcome: 'problems', problems, values: typed, facts: { ...context.facts, ...learned } };
  }
  if (taken.outcome === 'asks') return turned({ ...context.facts, ...known, oldAsked: taken.asked });
  if (taken.outcome === 'unavailable') return turned(known);
  const oldProofs = [...taken.proofs];
  const proved = { ...known, oldProofs, oldLegacyKey: oldProofs[0]?.legacyKey ?? '' };
  if (taken.isEnough) return turned({ ...proved, oldProved: true });
  const { oldWay: _, ...further } = proved;
  return turned({ ...further, ...(await beginWith(deps, context, { source, proofs: oldProofs })) });
}

/** What stays known whatever came of the attempt: not what was asked, nor the state of it. */
function knownBefore(facts: Facts, typed: Readonly<Record<string, string>>): Facts {
  const { oldSource, oldHasChoice, oldWay, oldProofs } = facts;
  const oldUserName = typed['login']?.trim() ?? facts.oldUserName;
  const known = { oldSource, oldHasChoice, oldWay, oldProofs, oldUserName };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

const turned = (facts: Facts): Decision => ({ outcome: 'turned', way: 'first-sign-in', facts });
