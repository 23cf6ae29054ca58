import {
  type Accounts,
  type LegacyScheme,
  type LegacyVerifierHooks,
  createLegacyVerifiers,
  isLegacyScheme,
  isOverlong,
  legacyHashTruncates,
} from '../../accounts/index.ts';
import type { BatchedAuditEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import { type LegacyAccountRow, findByLoginKey, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal, openVerifier } from '../ledger/seal-legacy-row.ts';
import { CARRIED_SCHEME } from '../ledger/move-legacy-account.ts';
import type { Source } from '../sources/definition.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { findSource } from '../sources/source-store.ts';
import type { OldPasswordAttempt, OldPasswordResult } from './adoption-types.ts';
import { forgetAttempts, takeAttempt } from './attempt-limits.ts';
import { createLegacyProofs } from './legacy-proofs.ts';
import { type DecoyCost, createSourceCosts } from './source-costs.ts';

export interface CheckDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly passwordWork: PasswordWork;
  readonly minimumPasswordLength: number;
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  readonly onUnverifiable?: LegacyVerifierHooks['onUnverifiable'];
  readonly now: () => Date;
}

/** Why a check failed: for the record and the metrics, never for a page. */
type FailReason =
  | 'source-unknown'
  | 'source-suspended'
  | 'name-unknown'
  | 'name-misshapen'
  | 'already-adopted'
  | 'not-waiting'
  | 'disabled'
  | 'no-password'
  | 'unverifiable'
  | 'proof-not-allowed'
  | 'password-overlong'
  | 'password-wrong'
  | 'too-many-attempts';

interface Person {
  readonly source: Source;
  readonly row: LegacyAccountRow;
  /** Of the old system; of a released account it is today's own. */
  readonly scheme: LegacyScheme | typeof CARRIED_SCHEME;
  readonly verifier: string;
}

type Candidate = Person | { readonly reason: FailReason };

export function createCheckOldPassword(dependencies: CheckDependencies) {
  const { db, keyRing, accounts, recordEvent, onUnverifiable, now } = dependencies;
  const verifiers = createLegacyVerifiers(dependencies.passwordWork, { onUnverifiable });
  const costs = createSourceCosts({ db, now });
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

  const isRight = async ({ scheme, verifier }: Person, password: string, decoy: DecoyCost): Promise<boolean> =>
    scheme === CARRIED_SCHEME
      ? dependencies.passwordWork.verify(verifier, password.normalize('NFKC'))
      : (await verifiers.verifyLegacyHash(verifier, scheme, password, decoy)) === 'match';

  return async (attempt: OldPasswordAttempt): Promise<OldPasswordResult> => {
    const named = await readName(dependencies, attempt);
    const counted = { ip: attempt.ip, loginKey: named.loginKey.toString('base64url') };
    const wait = await takeAttempt(accounts.attempts, counted);
    if (wait !== undefined) {
      fail(attempt, 'too-many-attempts');
      return { outcome: 'too-many', retryAfterSeconds: wait };
    }
    if (isOverlong(attempt.password)) return fail(attempt, 'password-overlong');

    // Everybody's path is the same from here: two reads, one verification of the source's own cost.
    const decoy = await costs.decoyFor(named.source?.definition, named.loginKey);
    const legacyKey = (await findByLoginKey(db, named.loginKey)) ?? named.loginKey;
    const candidate = judgeCandidate(keyRing, named, await readLegacyAccount(db, legacyKey));
    if ('reason' in candidate) {
      if (candidate.reason === 'unverifiable') onUnverifiable?.({ scheme: 'wrapped', reason: 'unknown-scheme' });
      await verifiers.decoyLegacyWork(decoy.scheme, attempt.password, decoy.cost, decoy.charsets);
      return fail(attempt, candidate.reason);
    }
    if (!(await isRight(candidate, attempt.password, decoy))) return fail(attempt, 'password-wrong');
    await forgetAttempts(accounts.attempts, counted);
    return succeed(attempt, candidate);
  };
}

interface Named {
  readonly source: Source | undefined;
  readonly loginKey: Buffer;
  readonly fits: boolean;
}

const MAX_TYPED = 1024;

async function readName({ db, keyRing }: CheckDependencies, attempt: OldPasswordAttempt): Promise<Named> {
  const typed = attempt.login.slice(0, MAX_TYPED);
  const source = await findSource(db, attempt.source);
  const form = source && loginForm(source.definition.identifier);
  const name = form ? form.normalise(typed) : typed;
  return { source, loginKey: loginKeyOf(keyRing, attempt.source, name), fits: form?.fits(name) ?? false };
}

function judgeCandidate(keyRing: KeyRing, { source, fits }: Named, row: LegacyAccountRow | undefined): Candidate {
  const reason = whyNot(source, row, fits);
  if (reason) return { reason };
  if (!source || !row?.verifierSealed) return { reason: 'no-password' };
  const { dataKey, verifierSealed, scheme } = row;
  if (!isScheme(scheme)) return { reason: 'unverifiable' };
  return { source, row, scheme, verifier: openVerifier(keyRing, row.legacyKey, { dataKey, verifierSealed }) };
}

function whyNot(source: Source | undefined, row: LegacyAccountRow | undefined, fits: boolean): FailReason | undefined {
  if (!source) return 'source-unknown';
  if (source.status !== 'open') return 'source-suspended';
  if (!fits) return 'name-misshapen';
  if (!row) return 'name-unknown';
  if (row.state === 'adopted') return 'already-adopted';
  if (row.sourceStatus === 'disabled') return 'disabled';
  if (allowedProof(source.definition.policy, 'old-password') === undefined) return 'proof-not-allowed';
  return row.state === 'waiting' || row.state === 'released' ? undefined : 'not-waiting';
}

const isScheme = (scheme: string | undefined): scheme is Person['scheme'] =>
  scheme === CARRIED_SCHEME || isLegacyScheme(scheme);

/**
 * Hashes the typed password for the new account, before the transaction that will need it. A password that is weaker
 * than today's rule is let in and marked, to be changed later: the day of the move is no day to lock people out.
 */
async function carry(
  { accounts, keyRing, minimumPasswordLength }: CheckDependencies,
  { password, login }: OldPasswordAttempt,
  { source, row, scheme, verifier }: Person,
) {
  const { name, email } = openPersonal(keyRing, row.legacyKey, row);
  const words = [source.definition.name.en, source.definition.department, login, name ?? '', email ?? ''];
  const truncated = scheme !== CARRIED_SCHEME && legacyHashTruncates(scheme, password, verifier);
  const judged = accounts.passwordPolicy.judge(password, { minimum: minimumPasswordLength, words });
  return {
    passwordHash: await accounts.hashPassword(password),
    belowPolicy: truncated || !judged.ok,
    truncated,
  };
}
