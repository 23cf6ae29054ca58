import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Problem } from '../engine/facts.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import { tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { chosenSource, FIRST_PAGE, placeOfAdding, type AddingDeps } from './adding.ts';

const DetailsForm = Type.Object(
  { login: Type.String({ maxLength: 1000 }), password: Type.String(), version: Version },
  { additionalProperties: false },
);

interface Typed {
  readonly login: string;
  readonly problems: readonly Problem[];
}

/** The old user name and password: the proof of the old side. */
export async function showDetails(deps: AddingDeps, visit: AccountVisit, typed?: Typed): Promise<FastifyReply> {
  const { reply, language, token } = visit;
  const { version, facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source) return reply.redirect(FIRST_PAGE, 303);
  return reply.page(
    'journeys/old-accounts/enter-details.njk',
    {
      formToken: token,
      version,
      backLink: FIRST_PAGE,
      sourceName: nameIn(source.definition.name, language),
      loginLabel: nameIn(source.definition.identifier.label, language),
      login: typed?.login ?? facts.userName ?? '',
      hasExpired: facts.expired === true,
      errors: typed?.problems,
    },
    { status: typed ? 400 : 200 },
  );
}

/** Unknown, somebody else's, our own already and disabled all read "wrong", after the same work (A11). */
export async function enterDetails(deps: AddingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { login, password, version } = readForm(DetailsForm, form);
  const { facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  if (!source) return visit.reply.redirect(FIRST_PAGE, 303);
  const problems = judgeTyped(login, password);
  if (problems.length > 0) return showDetails(deps, visit, { login, problems });

  const checked = await deps.migration.oldAccounts.check({
    source: source.source,
    login,
    password,
    ip: visit.request.ip,
    ...placeOfAdding(visit),
  });
  if (checked.outcome === 'mismatch')
    return showDetails(deps, visit, {
      login,
      problems: [{ field: 'login', key: 'journeys.oldAccounts.details.problems.wrong' }],
    });
  if (checked.outcome === 'too-many')
    return showDetails(deps, visit, { login, problems: [tooManyTries('login', checked.retryAfterSeconds)] });
  const written = await deps.adding.write(deps.db, visit, {
    version: Number(version),
    facts: { source: source.source, userName: login.trim(), legacyKey: checked.legacyKey, proof: checked.proof },
  });
  return visit.reply.redirect(`${FIRST_PAGE}/${written ? 'confirm' : 'details'}`, 303);
}

function judgeTyped(login: string, password: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (login.trim() === '') problems.push({ field: 'login', key: 'journeys.oldAccounts.details.problems.login' });
  const refused = refusePassword(password);
  return refused ? [...problems, refused] : problems;
}
