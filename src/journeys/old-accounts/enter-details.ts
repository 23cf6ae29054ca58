import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Asks, OldWay, ProvingResult, Source } from '../../migration/index.ts';
import type { Problem } from '../engine/facts.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import { readReturn } from '../old-proof/read-return.ts';
import { complaintOf } from '../old-proof/complaint-of.ts';
import { codeInLink, originOf, showAsked } from '../old-proof/show-asked.ts';
import {
  answersTo,
  AWAY,
  firstField,
  problemsOfFields,
  shownAgain,
  type Taken,
  takeProof,
  waysLeft,
} from '../old-proof/take-proof.ts';
import { refusePassword } from '../passwords/read-password.ts';
import type { ActState } from '../your-account/account-acts.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { type Adding, type AddingDeps, attemptToAdd, beginToAdd, chosenSource, FIRST_PAGE } from './adding.ts';

const DetailsForm = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 4096 }));

interface Typed {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** The proof of the old side, by whatever sign-in method. */
export async function showDetails(deps: AddingDeps, visit: AccountVisit, again?: Typed): Promise<FastifyReply> {
  const { reply, language, token, request } = visit;
  const { version, facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source) return reply.redirect(FIRST_PAGE, 303);
  if (facts.way === undefined) return reply.redirect(`${FIRST_PAGE}/way`, 303);
  const origin = originOf(facts.asked);
  if (origin !== undefined) reply.cspFormAction(origin);
  const known = { login: facts.userName, ...codeInLink(request) };
  return reply.page(
    'journeys/old-accounts/enter-details.njk',
    {
      formToken: token,
      version,
      action: `${FIRST_PAGE}/details`,
      backLink: FIRST_PAGE,
      sourceName: nameIn(source.definition.name, language),
      way: facts.way,
      asked: showAsked(deps, facts.asked, { language, typed: { ...known, ...again?.values } }),
      ...complaintOf({ refusal: facts.refusal, complained: facts.complained }),
      hasOthers: (await waysLeft(deps, source.source, facts.proofs ?? [])).length > 1,
      hasExpired: facts.expired === true,
      isFurther: (facts.proofs ?? []).length > 0,
      errors: again?.problems,
    },
    { status: again ? 400 : 200 },
  );
}

/** Unknown, somebody else's, our own already and disabled all read "wrong", after the same work (A11). */
export async function enterDetails(deps: AddingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { version = '', again, complain, ...typed } = readForm(DetailsForm, form);
  const { facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source || facts.way === undefined) return visit.reply.redirect(FIRST_PAGE, 303);
  if (complain !== undefined) return goOn(deps, visit, { version, facts: complainOf(deps, visit, facts) });
  const { asked, way, proofs = [] } = facts;
  if (again !== undefined || asked?.outcome !== 'asks')
    return goOn(deps, visit, { version, facts: await beginToAdd(deps, visit, { source, way, proofs }) });
  const values = shownAgain(asked, typed);
  const problems = judgeTyped(asked, typed);
  if (problems.length > 0) return showDetails(deps, visit, { values, problems });
  const result = await answer(deps, visit, { source, way, asked, typed });
  const taken = await takeProof(deps, result, { source: source.source, proofs, field: firstField(asked) });
  if (taken.outcome === 'problems') {
    await keepRefusal(deps, visit, { version: Number(version), facts }, taken);
    return showDetails(deps, visit, { values, problems: taken.problems });
  }
  const known = { ...facts, ...(typed['login'] !== undefined && { userName: typed['login'].trim() }) };
  return goOn(deps, visit, { version, facts: await learned(deps, visit, { source, facts: known, taken }) });
}

/** What a refused attempt leaves: what is asked from now on, and what somebody may complain of. */
async function keepRefusal(
  deps: AddingDeps,
  visit: AccountVisit,
  { version, facts }: ActState<Adding>,
  { asked, refusal }: Extract<Taken, { outcome: 'problems' }>,
): Promise<void> {
  const left = { ...(asked && { asked }), ...(refusal !== undefined && { refusal }) };
  if (Object.keys(left).length > 0) await deps.adding.write(deps.db, visit, { version, facts: { ...facts, ...left } });
}

/** "My details are right." Whether it counts is for others to find out; the page is the same for all. */
function complainOf({ migration }: AddingDeps, { request, place }: AccountVisit, facts: Adding): Adding {
  if (facts.refusal !== undefined && facts.complained !== true)
    void migration.sideBySide.cutover.hear(facts.refusal, { ip: request.ip, correlationId: place.journeyId });
  return { ...facts, complained: true };
}

async function answer(
  deps: AddingDeps,
  visit: AccountVisit,
  of: { readonly source: Source; readonly way: OldWay; readonly asked: Asks; readonly typed: Record<string, string> },
): Promise<ProvingResult> {
  const { source, way, asked, typed } = of;
  const fields = answersTo(asked, typed);
  return deps.migration.proving.answer({ ...attemptToAdd(deps, visit, { source, way }), state: asked.state, fields });
}

/** Back from the old service's own page, or through the gateway that says who it is. */
export async function returnToAdding(deps: AddingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { version, facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  const { asked, way, proofs = [] } = facts;
  if (!source || way === undefined || !asked || asked.outcome === 'asks') return visit.reply.redirect(FIRST_PAGE, 303);
  const attempt = attemptToAdd(deps, visit, { source, way });
  const result = await readReturn(deps, { attempt, left: asked, request: visit.request });
  const taken = await takeProof(deps, result, { source: source.source, proofs, field: AWAY });
  if (taken.outcome !== 'problems')
    return goOn(deps, visit, {
      version: String(version),
      facts: await learned(deps, visit, { source, facts, taken }),
    });
  // A departure is good for one return: the next try departs anew.
  const begun = await beginToAdd(deps, visit, { source, way, proofs });
  await deps.adding.write(deps.db, visit, { version, facts: begun });
  return showDetails(deps, visit, { values: {}, problems: taken.problems });
}

type Learning = {
  readonly source: Source;
  readonly facts: Adding;
  readonly taken: Exclude<Taken, { outcome: 'problems' }>;
};

async function learned(deps: AddingDeps, visit: AccountVisit, { source, facts, taken }: Learning): Promise<Adding> {
  const { asked: _, expired: __, ...kept } = facts;
  if (taken.outcome === 'asks') return { ...kept, asked: taken.asked };
  if (taken.outcome === 'unavailable') return kept;
  if (taken.isEnough) return { ...kept, proofs: [...taken.proofs], proved: true };
  const { userName } = kept;
  const begun = await beginToAdd(deps, visit, { source, proofs: taken.proofs });
  return { ...begun, ...(userName !== undefined && { userName }) };
}

async function goOn(
  deps: AddingDeps,
  visit: AccountVisit,
  { version, facts }: { readonly version: string; readonly facts: Adding },
): Promise<FastifyReply> {
  const written = await deps.adding.write(deps.db, visit, { version: Number(version), facts });
  if (written) deps.nudgeOutbox();
  return visit.reply.redirect(`${FIRST_PAGE}/${written && facts.proved === true ? 'confirm' : 'details'}`, 303);
}

function judgeTyped(asked: Adding['asked'], typed: Readonly<Record<string, string>>): readonly Problem[] {
  const problems = problemsOfFields(asked, typed);
  if (problems.length > 0 || typed['password'] === undefined) return problems;
  const refused = refusePassword(typed['password']);
  return refused ? [refused] : [];
}
