import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Problem } from '../engine/facts.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import { waysLeft } from '../old-proof/take-proof.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { type AddingDeps, beginToAdd, chosenSource, FIRST_PAGE } from './adding.ts';

const WayForm = Type.Object(
  { way: Type.Optional(Type.String({ maxLength: 40 })), version: Version },
  { additionalProperties: false },
);

/** How do you want to show that the account is yours? Only where the rules of the old service leave a choice. */
export async function showWays(
  deps: AddingDeps,
  visit: AccountVisit,
  errors: readonly Problem[] = [],
): Promise<FastifyReply> {
  const { reply, language, token } = visit;
  const { version, facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source || facts.proved === true) return reply.redirect(FIRST_PAGE, 303);
  const t = deps.pages.translate(language);
  const ways = await waysLeft(deps, source.source, facts.proofs ?? []);
  return reply.page(
    'journeys/old-accounts/choose-way.njk',
    {
      formToken: token,
      version,
      backLink: FIRST_PAGE,
      sourceName: nameIn(source.definition.name, language),
      isFurther: (facts.proofs ?? []).length > 0,
      choices: ways.map((way) => ({
        value: way,
        text: t(`journeys.oldProof.ways.${way}`),
        checked: way === facts.way,
      })),
      errors,
    },
    { status: errors.length > 0 ? 400 : 200 },
  );
}

export async function chooseWay(deps: AddingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { way, version } = readForm(WayForm, form);
  const { facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source || facts.proved === true) return visit.reply.redirect(FIRST_PAGE, 303);
  const { proofs = [] } = facts;
  const chosen = (await waysLeft(deps, source.source, proofs)).find((candidate) => candidate === way);
  if (chosen === undefined) return showWays(deps, visit, [{ field: 'way', key: 'journeys.oldProof.problems.way' }]);
  const begun = await beginToAdd(deps, visit, { source, way: chosen, proofs });
  const written = await deps.adding.write(deps.db, visit, { version: Number(version), facts: begun });
  return visit.reply.redirect(`${FIRST_PAGE}/${written ? 'details' : 'way'}`, 303);
}
