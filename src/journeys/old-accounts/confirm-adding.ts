import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { AdoptResult, Source } from '../../migration/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { Proved } from '../old-proof/asked.ts';
import { pageOf as organisationPage } from '../organisations/organisation-act.ts';
import { organisationOf } from '../old-proof/organisation-of.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { beginToAdd, chosenSource, FIRST_PAGE, placeOfAdding, type Adding, type AddingDeps } from './adding.ts';
import { whatServicesWillSee } from './what-services-will-see.ts';

const ConfirmForm = Type.Object({ version: Version }, { additionalProperties: false });

/** Names both sides and says what will happen; only this page's own button does it (E2, L9). */
export async function showAdding(deps: AddingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { account, reply, language, token } = visit;
  const { version, facts } = await deps.adding.read(visit);
  const source = await chosenSource(deps, facts);
  const [first] = facts.proofs ?? [];
  if (!source || !first || facts.proved !== true) return reply.redirect(FIRST_PAGE, 303);
  const described = await deps.migration.oldAccounts.describe(first.legacyKey);
  return reply.page('journeys/old-accounts/confirm-adding.njk', {
    formToken: token,
    version,
    backLink: `${FIRST_PAGE}/details`,
    sourceName: nameIn(source.definition.name, language),
    loginLabel: nameIn(source.definition.identifier.label, language),
    login: facts.userName,
    actsForOthers: source.definition.holder === 'agent',
    name: described?.name,
    organisation: organisationOf(described, source, language),
    // All of them: one that somebody else added must be seen before more is brought along (linking-attacks 3).
    addresses: account.emails.map(({ address }) => address),
    services: await whatServicesWillSee(deps, { accountId: account.accountId, source, language }),
  });
}

export async function confirmAdding(deps: AddingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { version } = readForm(ConfirmForm, form);
  const state = await deps.adding.read(visit);
  const { facts } = state;
  const source = await chosenSource(deps, facts);
  if (!source || facts.proved !== true) return visit.reply.redirect(FIRST_PAGE, 303);
  // Another tab has gone on with another old account: this page's button must not add that one.
  if (String(state.version) !== version) return visit.reply.redirect(`${FIRST_PAGE}/confirm`, 303);
  const result = await add(deps, visit, source, facts.proofs ?? []);
  const { page, learned } = await whatCameOfIt(deps, visit, { source, facts, result });
  await deps.adding.write(deps.db, visit, { version: state.version, facts: learned });
  deps.nudgeOutbox();
  if ('endings' in result) await endThoseSessions(deps, result.endings, visit.session);
  return visit.reply.redirect(`${FIRST_PAGE}/${page}`, 303);
}

async function add(
  deps: AddingDeps,
  visit: AccountVisit,
  source: Source,
  proofs: readonly Proved[],
): Promise<AdoptResult> {
  const [first, ...further] = proofs;
  if (!first) throw new Error('an old account was to be added without a proof');
  const { language } = visit.account;
  return deps.migration.addOldAccount({
    proof: first.proof,
    furtherProofs: further.map(({ proof }) => proof),
    ...placeOfAdding(visit),
    accountProvedAt: visit.session.authTime,
    meta: { actor: 'citizen', correlationId: visit.place.journeyId },
    async alsoInTransaction(tx, { linkId, contactsBefore, oldEmail }) {
      const to = new Set([...contactsBefore, ...(oldEmail === undefined ? [] : [oldEmail])]);
      const values = { source: nameIn(source.definition.name, language) };
      const notice = linkId === undefined ? 'organisation-made' : 'old-account-added';
      await sendNotice(deps, tx, { notice, to: [...to], language, values });
    },
  });
}

/** The page after it, and what stays known: never a proof that was used. */
async function whatCameOfIt(
  deps: AddingDeps,
  visit: AccountVisit,
  { source, facts, result }: { readonly source: Source; readonly facts: Adding; readonly result: AdoptResult },
): Promise<{ page: string; learned: Adding }> {
  const kept = { ...(facts.source !== undefined && { source: facts.source }) };
  if (result.outcome === 'adopted') return { page: 'done', learned: { ...kept, added: result.linkId } };
  if (result.outcome === 'organised') return { page: 'done', learned: { ...kept, organised: result.organisationId } };
  if (result.outcome === 'needs-proof' && result.because === 'not-enough')
    return { page: 'refused', learned: { ...kept, refused: 'other' } };
  if (result.outcome === 'needs-proof' || (result.outcome === 'refused' && result.reason === 'proof-expired'))
    return {
      page: 'details',
      learned: {
        ...(await beginToAdd(deps, visit, { source })),
        ...(facts.userName !== undefined && { userName: facts.userName }),
        expired: true,
      },
    };
  return { page: 'refused', learned: { ...kept, refused: result.reason } };
}

export async function showAdded(deps: AddingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { facts } = await deps.adding.read(visit);
  if (facts.organised !== undefined) return visit.reply.redirect(`${organisationPage(facts.organised)}?done=made`, 303);
  if (facts.added === undefined) return visit.reply.redirect('/account/old-accounts', 303);
  return visit.reply.page('journeys/old-accounts/added.njk', {
    sourceName: await sourceNameOf(deps, facts, visit.language),
    linkId: facts.added,
  });
}

/** Reasons that have words of their own. Whose an old account is that somebody has already is not told. */
const PLAIN = new Set(['already-yours', 'source-suspended', 'subject-taken', 'proof-used']);

export async function showRefused(deps: AddingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { facts } = await deps.adding.read(visit);
  if (facts.refused === undefined) return visit.reply.redirect('/account/old-accounts', 303);
  return visit.reply.page('journeys/old-accounts/refused.njk', {
    reason: PLAIN.has(facts.refused) ? facts.refused : 'other',
    sourceName: await sourceNameOf(deps, facts, visit.language),
  });
}

async function sourceNameOf(deps: AddingDeps, { source = '' }: Adding, language: Language): Promise<string> {
  const found = await deps.migration.sources.find(source);
  return found ? nameIn(found.definition.name, language) : source;
}
