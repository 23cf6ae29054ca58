import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { MergeDeclined, MergeRequest, MergeResult } from '../../accounts/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import { timeIn } from '../../platform/pages/say-when.ts';
import type { ActState } from '../your-account/account-acts.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { FIRST_PAGE, MERGE_PAGE, type MergingDeps, type MergingFacts } from './merging-act.ts';
import { planInWords } from './plan-in-words.ts';
import { tellEverybody } from './tell-everybody.ts';

const ConfirmForm = Type.Object({ version: Version }, { additionalProperties: false });

/** The rules of proving both sides that these pages follow; a merge is recorded with it. */
const POLICY_VERSION = 1;

/** Names both sides and everything that will happen; only this page's own button does it (E2, L9, L14). */
export async function showMerge(deps: MergingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { version, facts } = await deps.merging.read(visit);
  const asked = requestOf(visit, facts);
  if (!asked) return visit.reply.redirect(FIRST_PAGE, 303);
  const result = await deps.accounts.merging.plan(asked);
  if (result.outcome !== 'planned') return decline(deps, visit, { version, facts }, result);
  return visit.reply.page('journeys/two-accounts/confirm-merge.njk', {
    formToken: visit.token,
    version,
    backLink: FIRST_PAGE,
    plan: await planInWords(deps, result.plan, visit.language),
  });
}

export async function confirmMerge(deps: MergingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { version } = readForm(ConfirmForm, form);
  const state = await deps.merging.read(visit);
  const asked = requestOf(visit, state.facts);
  if (!asked) return visit.reply.redirect(FIRST_PAGE, 303);
  // Another tab has gone on with another account: this page's button must not merge that one.
  if (String(state.version) !== version) return visit.reply.redirect(`${MERGE_PAGE}/confirm`, 303);
  const result = await merge(deps, visit, state, asked);
  if (result.outcome !== 'merged') return decline(deps, visit, state, result);
  deps.nudgeOutbox();
  await endThoseSessions(deps, result.endings, visit.session);
  return visit.reply.redirect(`${MERGE_PAGE}/done`, 303);
}

function requestOf({ account, place }: AccountVisit, facts: MergingFacts): MergeRequest | undefined {
  const { other, survivorProof, otherProof } = facts;
  if (other === undefined || survivorProof === undefined || otherProof === undefined) return undefined;
  return {
    ...place,
    survivor: account.accountId,
    absorbed: other,
    proofs: { survivor: survivorProof, absorbed: otherProof },
  };
}

/** The merge, its notices and what this act knows afterwards: all of it or nothing. */
async function merge(
  deps: MergingDeps,
  visit: AccountVisit,
  { version }: ActState<MergingFacts>,
  asked: MergeRequest,
): Promise<MergeResult> {
  const meta = { actor: 'citizen', correlationId: visit.place.journeyId };
  return deps.db.transaction(async (tx) => {
    const result = await deps.accounts.merging.merge(tx, { ...asked, policyVersion: POLICY_VERSION, meta });
    if (result.outcome !== 'merged') return result;
    const { mergeId, undoableUntil } = result;
    await tellEverybody(deps, tx, { notice: 'accounts-merged', contacts: result.contactsBefore, until: undoableUntil });
    const facts = { merged: { mergeId, undoableUntil: undoableUntil.toISOString() } };
    await deps.merging.write(tx, visit, { version, facts });
    return result;
  });
}

async function decline(
  deps: MergingDeps,
  visit: AccountVisit,
  { version }: ActState<MergingFacts>,
  declined: MergeDeclined,
): Promise<FastifyReply> {
  const refused = declined.outcome === 'refused' ? declined.reason : needs(declined.level);
  await deps.merging.write(deps.db, visit, { version, facts: { refused } });
  return visit.reply.redirect(`${MERGE_PAGE}/refused`, 303);
}

const needs = (level: 'Cl' | 'Cl.Cm'): string => (level === 'Cl' ? 'proof-expired' : 'needs-second-factor');

export async function showMerged(deps: MergingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { merged } = (await deps.merging.read(visit)).facts;
  if (!merged) return visit.reply.redirect('/account/merges', 303);
  return visit.reply.page('journeys/two-accounts/merged.njk', {
    until: timeIn(visit.language, new Date(merged.undoableUntil)),
  });
}

/** Reasons that have words of their own; both sides were proved, so nothing is given away. */
const PLAIN = new Set(['already-merged', 'proof-used', 'too-many-contacts', 'proof-expired', 'needs-second-factor']);

export async function showMergeRefused(deps: MergingDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { refused } = (await deps.merging.read(visit)).facts;
  if (refused === undefined) return visit.reply.redirect(MERGE_PAGE, 303);
  return visit.reply.page('journeys/two-accounts/merge-refused.njk', {
    reason: PLAIN.has(refused) ? refused : 'other',
  });
}
