import { Type } from 'typebox';
import type { AdoptResult, AdoptTarget } from '../../migration/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import type { Facts } from '../engine/facts.ts';
import { defineStep, forget, learned, type Decision, type Step, type StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { organisationOf } from '../old-proof/organisation-of.ts';
import { sendNotice } from '../notices/send-notice.ts';
import { servicesThatKnow } from './known-services.ts';
import { nameIn } from './offered-sources.ts';
import { chosenSource } from './old-account-step.ts';
import { oldAddressOf } from './old-code-step.ts';
import { beginWith } from './prove-old-account.ts';

/** Names both sides and says what will happen; only this page's own button does it (E2, L9). */
export function oldConfirmStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-confirm',
    path: 'old-confirm',
    template: 'journeys/first-sign-in/old-confirm.njk',
    form: Type.Object({}, { additionalProperties: false }),
    isAllowed: ({ state }) =>
      state.facts.oldProved === true &&
      state.facts.oldAddressProvedAt !== undefined &&
      (state.facts.oldExistingId === undefined || state.facts.oldExistingProvedAt !== undefined),
    isDone: ({ state }) => state.facts.oldRefused !== undefined,
    undo: forget('signedIn', 'oldRefused'),
    async get(context) {
      const source = await chosenSource(deps, context);
      const { facts, language } = context;
      const described = await deps.migration.oldAccounts.describe(facts.oldLegacyKey ?? '');
      const existing = facts.oldExistingId === undefined ? undefined : await deps.accounts.read(facts.oldExistingId);
      return {
        sourceName: nameIn(source.definition.name, language),
        loginLabel: nameIn(source.definition.identifier.label, language),
        login: facts.oldUserName,
        actsForOthers: source.definition.holder === 'agent',
        name: described?.name,
        organisation: organisationOf(described, source, language),
        address: oldAddressOf(facts),
        // All of them: one that somebody else added must be seen before more is brought along (linking-attacks 3).
        addresses: existing ? existing.emails.map(({ address }) => address) : [oldAddressOf(facts)],
        isNew: facts.oldExistingId === undefined,
        carries: facts.oldNewPassword === undefined,
        keepsKnowing: await servicesThatKnow(deps, source, language),
      };
    },
    post: (context) => adopt(deps, context),
  });
}

async function adopt(deps: JourneyDeps, context: StepContext): Promise<Decision> {
  const { facts, journey, browserKey } = context;
  const [first, ...further] = facts.oldProofs ?? [];
  if (!first) throw new Error('the confirm page was reached without a proof');
  const source = await chosenSource(deps, context);
  const before = facts.oldExistingId === undefined ? undefined : await deps.accounts.read(facts.oldExistingId);
  const language = before?.language ?? context.language;
  const result = await deps.migration.adoptAccount({
    proof: first.proof,
    furtherProofs: further.map(({ proof }) => proof),
    journeyId: journey.id,
    browserKey,
    meta: { actor: 'citizen', correlationId: journey.id },
    ...targetOf(facts, context.language),
    async alsoInTransaction(tx, { linkId, contactsBefore, oldEmail }) {
      const contacts = before ? contactsBefore : [oldAddressOf(facts)];
      const to = new Set([...contacts, ...(oldEmail === undefined ? [] : [oldEmail])]);
      const values = { source: nameIn(source.definition.name, language) };
      const notice = linkId === undefined ? 'organisation-made' : 'old-account-added';
      await sendNotice(deps, tx, { notice, to: [...to], language, values });
    },
  });
  return decide(deps, context, result);
}

function targetOf(facts: Facts, language: 'en' | 'cy'): AdoptTarget {
  if (facts.oldExistingId !== undefined)
    return { accountId: facts.oldExistingId, accountProvedAt: new Date(facts.oldExistingProvedAt ?? 0) };
  const emailProvedAt = new Date(facts.oldAddressProvedAt ?? 0);
  const password = facts.oldNewPassword && { hash: facts.oldNewPassword, belowPolicy: false };
  return { newAccount: { email: oldAddressOf(facts), emailProvedAt, language, password } };
}

async function decide(deps: JourneyDeps, context: StepContext, result: AdoptResult): Promise<Decision> {
  if (result.outcome === 'adopted' || result.outcome === 'organised') {
    const { accountId, endings } = result;
    const facts = { signedIn: { accountId, amr: ['pwd'] } };
    return { outcome: 'learned', facts, afterCommit: () => endThoseSessions(deps, endings) };
  }
  if (result.outcome === 'needs-choice') {
    // Somebody made an account with the address meanwhile: its proof is asked for after all.
    const existing = await deps.accounts.findByEmail(oldAddressOf(context.facts));
    return learned(existing === undefined ? { oldRefused: 'try-again' } : { oldExistingId: existing });
  }
  if (result.outcome === 'needs-proof' || result.reason === 'proof-expired') return startAgain(deps, context);
  return learned({ oldRefused: result.reason });
}

/** A proof counts for ten minutes: back to the old account's page, which says so. */
async function startAgain(deps: JourneyDeps, context: StepContext): Promise<Decision> {
  const { oldSource, oldUserName } = context.facts;
  const begun = await beginWith(deps, context, { source: await chosenSource(deps, context) });
  const kept = { ...(oldSource && { oldSource }), ...(oldUserName && { oldUserName }), ...begun };
  return { outcome: 'turned', way: 'first-sign-in', facts: { ...kept, oldProofExpired: true } };
}
