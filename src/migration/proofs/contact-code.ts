import type { CodeCheck } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ProofPlace } from '../adoption/adoption-types.ts';
import { type AttemptOf, takeAttempt } from '../adoption/attempt-limits.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import { findByLoginKey, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { findSource } from '../sources/source-store.ts';
import { limitSends } from './limit-sends.ts';
import { type ProofDependencies, type ProofResult, createRowProver, whyNotProvable } from './prove-row.ts';

export interface ContactCodeRequest extends ProofPlace {
  readonly source: string;
  readonly login: string;
  readonly ip: string;
  /**
   * Sends the code, in the transaction that issues it. Always called: `to` is undefined when there is nobody to send it
   * to, and then the same work must be done for nothing (A11).
   */
  readonly deliver: (
    tx: Transaction,
    message: { readonly to: string | undefined; readonly code: string; readonly lifetimeSeconds: number },
  ) => Promise<void>;
}

export type ContactCodeSent =
  | { readonly outcome: 'sent'; readonly challengeId: string }
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number };

export interface ContactCodeAnswer extends ProofPlace {
  readonly source: string;
  readonly login: string;
  readonly challengeId: string;
  readonly code: string;
  readonly ip: string;
}

const PURPOSE = 'legacy-contact';
const LIFETIME_SECONDS = 600;

/** A code to the contact that the old system had. It proves the mailbox only: half a proof at most (LA15, LA16). */
export interface ContactCode {
  readonly send: (request: ContactCodeRequest) => Promise<ContactCodeSent>;
  readonly check: (answer: ContactCodeAnswer) => Promise<ProofResult | { readonly outcome: Exclude<CodeCheck, 'ok'> }>;
}

export function createContactCode(deps: ProofDependencies): ContactCode {
  const { db, keyRing, accounts } = deps;
  const prover = createRowProver(deps);

  const named = async (sourceKey: string, login: string): Promise<{ source: Source | undefined; loginKey: Buffer }> => {
    const source = await findSource(db, sourceKey);
    const name = source ? loginForm(source.definition.identifier).normalise(login.slice(0, 1024)) : login;
    return { source, loginKey: loginKeyOf(keyRing, sourceKey, name) };
  };
  const contactOf = async (source: Source | undefined, loginKey: Buffer): Promise<string | undefined> => {
    const legacyKey = (await findByLoginKey(db, loginKey)) ?? loginKey;
    const row = await readLegacyAccount(db, legacyKey);
    if (!row || whyNotProvable({ source, row, kind: 'contact-code' })) return undefined;
    return openPersonal(keyRing, legacyKey, row).email;
  };

  return {
    async send(request: ContactCodeRequest): Promise<ContactCodeSent> {
      const { source, loginKey } = await named(request.source, request.login);
      const wait = await takeAttempt(accounts.attempts, countedFor(request, loginKey));
      if (wait !== undefined) return { outcome: 'too-many', retryAfterSeconds: wait };
      const contact = await contactOf(source, loginKey);
      const asker = loginKey.toString('base64url');
      const to = await limitSends(accounts.attempts, { channel: 'email', to: contact, asker });
      const lifetimeSeconds = LIFETIME_SECONDS;
      return db.transaction(async (tx) => {
        const what = { purpose: PURPOSE, boundTo: boundTo(loginKey, request), lifetimeSeconds };
        const { challengeId, code } = await accounts.codes.issue(tx, what);
        await request.deliver(tx, { to, code, lifetimeSeconds });
        return { outcome: 'sent', challengeId };
      });
    },

    async check(answer: ContactCodeAnswer): Promise<ProofResult | { readonly outcome: Exclude<CodeCheck, 'ok'> }> {
      const { source, loginKey } = await named(answer.source, answer.login);
      const wait = await takeAttempt(accounts.attempts, countedFor(answer, loginKey));
      if (wait !== undefined) return { outcome: 'too-many', retryAfterSeconds: wait };
      const { challengeId, code } = answer;
      const asked = { challengeId, purpose: PURPOSE, boundTo: boundTo(loginKey, answer), code };
      const checked = await accounts.codes.check(asked);
      if (checked !== 'ok') return { outcome: checked };
      // A code that was sent to nobody can be right by chance only, and proves nothing even then.
      const legacyKey = (await findByLoginKey(db, loginKey)) ?? loginKey;
      return prover.prove({ source, legacyKey, kind: 'contact-code', place: answer });
    },
  };
}

/** Codes that are sent and tries of them alike: tries that each code has of its own would add up (K2). */
const countedFor = ({ ip }: { readonly ip: string }, loginKey: Buffer): AttemptOf => ({
  ip,
  loginKey: `contact ${loginKey.toString('base64url')}`,
});

const boundTo = (loginKey: Buffer, place: ProofPlace): string[] => [
  loginKey.toString('base64url'),
  place.journeyId,
  place.browserKey,
  place.purpose ?? 'first-sign-in',
  place.accountId ?? '',
];
