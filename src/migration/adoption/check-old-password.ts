import { type Accounts, type LegacyVerifierHooks, legacyHashTruncates } from '../../accounts/index.ts';
import type { BatchedAuditEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { CARRIED_SCHEME } from '../ledger/move-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import type { OldPasswordAttempt, OldPasswordResult } from './adoption-types.ts';
import { forgetAttempts, takeAttempt } from './attempt-limits.ts';
import type { CarryTyped } from './carry-typed.ts';
import { type Carried, createLegacyProofs } from './legacy-proofs.ts';
import { createOldPasswordVerifier, type FailReason, type Person } from './verify-old-password.ts';

export interface CheckDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly passwordWork: PasswordWork;
  readonly carryTyped: CarryTyped;
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  readonly onUnverifiable?: LegacyVerifierHooks['onUnverifiable'];
  readonly now: () => Date;
}

export function createCheckOldPassword(dependencies: CheckDependencies) {
  const { db, keyRing, accounts, recordEvent, now } = dependencies;
  const verifier = createOldPasswordVerifier(dependencies);
  const proofs = createLegacyProofs(keyRing);

  const fail = (attempt: OldPasswordAttempt, reason: FailReason): OldPasswordResult => {
    recordEvent({
      type: 'legacy.proof-failed',
      actor: 'citizen',
      correlationId: attempt.journeyId,
      detail: { source: reason === 'source-unknown' ? 'unknown' : attempt.source, reason },
    });
    return { outcome: 'mismatch' };
  };

  const succeed = async (attempt: OldPasswordAttempt, person: Person): Promise<OldPasswordResult> => {
    const { source, row } = person;
    const carried = await carry(dependencies, attempt, person);
    const { seconds = 0 } = allowedProof(source.definition.policy, 'old-password') ?? {};
    const proof = await proofs.issue(
      db,
      { source: source.source, legacyKey: row.legacyKey, kind: 'old-password', seconds, carried, now: now() },
      attempt,
    );
    const legacyKey = row.legacyKey.toString('hex');
    recordEvent({
      type: 'legacy.proved',
      actor: 'citizen',
      correlationId: attempt.journeyId,
      detail: { source: source.source, legacyKey },
    });
    return { outcome: 'match', legacyKey, proof };
  };

  return async (attempt: OldPasswordAttempt): Promise<OldPasswordResult> => {
    const named = await verifier.readName(attempt.source, attempt.login);
    const counted = { ip: attempt.ip, loginKey: named.loginKey.toString('base64url') };
    const wait = await takeAttempt(accounts.attempts, counted);
    if (wait !== undefined) {
      fail(attempt, 'too-many-attempts');
      return { outcome: 'too-many', retryAfterSeconds: wait };
    }
    const verified = await verifier.verify(named, attempt.password);
    if ('reason' in verified) return fail(attempt, verified.reason);
    await forgetAttempts(accounts.attempts, counted);
    return succeed(attempt, verified);
  };
}

/** The password that was typed, for the new account. */
function carry(
  { keyRing, carryTyped }: CheckDependencies,
  { password, login }: OldPasswordAttempt,
  { source, row, scheme, verifier }: Person,
): Promise<Carried> {
  const { name = '', email = '' } = openPersonal(keyRing, row.legacyKey, row);
  const truncated = scheme !== CARRIED_SCHEME && legacyHashTruncates(scheme, password, verifier);
  return carryTyped({ definition: source.definition, login, password, words: [name, email], truncated });
}
