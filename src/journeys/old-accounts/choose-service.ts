import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Problem } from '../engine/facts.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { type AddingDeps, beginToAdd, FIRST_PAGE, openSources } from './adding.ts';

const ServiceForm = Type.Object(
  { source: Type.Optional(Type.String({ maxLength: 64 })), version: Version },
  { additionalProperties: false },
);

/** Which service was the old account for? */
export async function showServices(
  deps: AddingDeps,
  visit: AccountVisit,
  errors: readonly Problem[] = [],
): Promise<FastifyReply> {
  const { reply, language, token } = visit;
  const { version, facts } = await deps.adding.read(visit);
  const sources = await openSources(deps);
  const choices = sources
    .map(({ source, definition }) => ({
      value: source,
      text: nameIn(definition.name, language),
      hint: { text: definition.department },
      checked: source === facts.source,
      selected: source === facts.source,
    }))
    .toSorted((a, b) => a.text.localeCompare(b.text, language));
  return reply.page(
    'journeys/old-accounts/choose-service.njk',
    { formToken: token, version, backLink: '/account/old-accounts', choices, errors },
    { status: errors.length > 0 ? 400 : 200 },
  );
}

export async function chooseService(deps: AddingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { source, version } = readForm(ServiceForm, form);
  const sources = await openSources(deps);
  const chosen = sources.find((candidate) => candidate.source === source);
  if (!chosen)
    return showServices(deps, visit, [{ field: 'source', key: 'journeys.oldAccounts.choose.problems.choose' }]);
  // Whatever was learned before is of another attempt.
  const written = await deps.adding.write(deps.db, visit, {
    version: Number(version),
    facts: await beginToAdd(deps, visit, { source: chosen }),
  });
  return visit.reply.redirect(written ? `${FIRST_PAGE}/details` : FIRST_PAGE, 303);
}
