import { Type } from 'typebox';
import type { Account } from '../../accounts/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import { defineStep, forget, type Step, type StepContext } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { sendNotice } from '../notices/send-notice.ts';
import { contextWords } from '../passwords/context-words.ts';
import { judgeNewPassword } from '../passwords/judge-new-password.ts';
import { forgiveTries } from '../passwords/password-throttle.ts';
import { hasLookedAtAddresses } from './forgotten-addresses-step.ts';
import { forgottenAddressOf } from './forgotten-code-step.ts';

/** A new password for the account behind the proved mailbox. Every session that stood before it ends (L2). */
export function newPasswordStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'new-password',
    path: 'new-password',
    template: 'journeys/recovery/new-password.njk',
    form: Type.Object({ password: Type.String() }, { additionalProperties: false }),
    isAllowed: (journey) =>
      journey.state.facts.forgottenProved === true &&
      journey.state.facts.forgottenAccountId !== undefined &&
      hasLookedAtAddresses(journey),
    isDone: () => false,
    undo: forget('signedIn'),
    async get({ facts }) {
      return { address: forgottenAddressOf(facts), minimum: deps.config.passwords.minimumLength };
    },
    async post(context, { password }) {
      const accountId = context.facts.forgottenAccountId ?? '';
      const account = await deps.accounts.read(accountId);
      if (account?.status !== 'active') throw new LatchkeyError('not_allowed', 'This account cannot be used.');
      const contacts = account.emails.map(({ address }) => address);
      const words = [...contacts, account.name ?? '', ...(await contextWords(deps, context.interaction))];
      const problems = judgeNewPassword(deps, password, { words });
      if (problems.length > 0) return { outcome: 'problems', problems };
      const hash = await deps.accounts.hashPassword(password);
      const meta = { actor: 'citizen', correlationId: context.journey.id };
      await forgiveTries(deps, accountId);
      return async (tx) => {
        await deps.accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, meta);
        await sendNotice(deps, tx, { notice: 'password-reset', to: contacts, language: account.language });
        await takeOver(deps, tx, context, account);
        const ending = await deps.accounts.endings.want(tx, accountId, 'password-reset');
        const afterCommit = (): Promise<void> => endThoseSessions(deps, [ending]);
        return { outcome: 'learned', facts: { signedIn: { accountId, amr: ['pwd'] } }, afterCommit };
      };
    },
  });
}

/** What came later than the proved address and was not named the owner's own goes (linking-attacks 3); all are told. */
async function takeOver(
  deps: JourneyDeps,
  tx: Transaction,
  { facts, journey }: StepContext,
  { accountId, emails, language }: Account,
): Promise<void> {
  const proved = forgottenAddressOf(facts);
  const recovery = { accountId, proved, keep: facts.forgottenKeep ?? [] };
  const meta = { actor: 'citizen', correlationId: journey.id };
  const gone = await deps.accounts.contacts.takeOver(tx, recovery, meta);
  if (gone.length === 0) return;
  const values = { by: hintOfAddress(proved), other: gone.map(hintOfAddress).join(', ') };
  const to = emails.map(({ address }) => address);
  await sendNotice(deps, tx, { notice: 'addresses-removed', to, language, values });
}
