import { legacyHashTruncates } from '../../accounts/index.ts';
import { CARRIED_SCHEME } from '../ledger/move-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { createJudge } from '../proving/judge-answer.ts';
import type { OldSystemDependencies } from '../proving/old-system.ts';
import { askBoth, type BothAnswers, settledOf } from '../reconcile/ask-both.ts';
import { believeOld } from '../reconcile/believe-old.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import type { OldPasswordAttempt, OldPasswordResult } from './adoption-types.ts';
import { forgetAttempts, takeAttempt } from './attempt-limits.ts';
import { type Carried, createLegacyProofs } from './legacy-proofs.ts';
import { type OldPasswordVerifier, type FailReason, type Named, type Person } from './verify-old-password.ts';

export interface CheckDependencies extends OldSystemDependencies {
  readonly verifier: OldPasswordVerifier;
}

export function createCheckOldPassword(dependencies: CheckDependencies) {
  const { accounts, recordEvent, verifier } = dependencies;
  const believer = {
    ...dependencies,
    judge: createJudge(dependencies),
    carryKnown: (attempt: OldPasswordAttempt, person: Person) => carry(dependencies, attempt, person),
  };

  const fail = (attempt: OldPasswordAttempt, reason: FailReason): OldPasswordResult => {
    recordEvent({
      type: 'legacy.proof-failed',
      actor: 'citizen',
      correlationId: attempt.journeyId,
      detail: { source: reason === 'source-unknown' ? 'unknown' : attempt.source, reason },
    });
    return { outcome: 'mismatch' };
  };

  const tooMany = (attempt: OldPasswordAttempt, retryAfterSeconds: number): OldPasswordResult => {
    fail(attempt, 'too-many-attempts');
    return { outcome: 'too-many', retryAfterSeconds };
  };

  const conclude = async (attempt: OldPasswordAttempt, named: Named, both: BothAnswers): Promise<OldPasswordResult> => {
    const { verified, asked } = both;
    if (asked?.said.word === 'too-many') return tooMany(attempt, asked.said.retryAfterSeconds);
    const settled = settledOf(both);
    if (settled === 'unavailable') {
      fail(attempt, 'old-system-away');
      return { outcome: 'unavailable' };
    }
    if (settled === 'imported' && !('reason' in verified)) return proveImported(dependencies, attempt, verified);
    if (settled === 'old' && asked?.said.word === 'yes') {
      const { source, sides, said } = asked;
      return believeOld(believer, { source, sides, attempt, named, verified, identity: said.identity });
    }
    return fail(attempt, 'reason' in verified ? verified.reason : 'old-system-refused');
  };

  return async (attempt: OldPasswordAttempt): Promise<OldPasswordResult> => {
    const named = await verifier.readName(attempt.source, attempt.login);
    const counted = { ip: attempt.ip, loginKey: named.loginKey.toString('base64url') };
    const wait = await takeAttempt(accounts.attempts, counted);
    if (wait !== undefined) return tooMany(attempt, wait);
    const both = await askBoth(dependencies, {
      attempt,
      named,
      verify: () => verifier.verify(named, attempt.password),
    });
    const result = await conclude(attempt, named, both);
    if (result.outcome === 'match') await forgetAttempts(accounts.attempts, counted);
    return result;
  };
}

/** A proof by what was imported. */
async function proveImported(
  dependencies: CheckDependencies,
  attempt: OldPasswordAttempt,
  person: Person,
): Promise<OldPasswordResult> {
  const { db, keyRing, recordEvent, now } = dependencies;
  const { source, row } = person;
  const carried = await carry(dependencies, attempt, person);
  const { seconds = 0 } = allowedProof(source.definition.policy, 'old-password') ?? {};
  const proof = await createLegacyProofs(keyRing).issue(
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
  return { outcome: 'match', legacyKey, proof, kind: 'old-password' };
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
