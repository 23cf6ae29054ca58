import { appendAudit } from '../../../audit/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { AccessDeps } from '../access-deps.ts';
import { beginSession } from '../begin-session.ts';
import type { Held } from '../held-secret.ts';
import { holdOperator } from '../operator-rows.ts';
import { actorOf } from '../operator.ts';
import { endSession } from '../session-rows.ts';
import { type ChallengeBinding, takeChallenge } from './challenge.ts';
import { checkPasskey, type PasskeyUse } from './check-passkey.ts';
import { challengeOf, readCredential, UsedCredential } from './credential.ts';
import { notePasskeyUse, passkeyOf, type PasskeyRow } from './passkey-rows.ts';

export type SignInRefusal =
  | 'challenge-used'
  | 'counter'
  | 'malformed'
  | 'not-active'
  | 'not-proved'
  | 'unknown-passkey';

export type SignInResult =
  | { readonly outcome: 'refused'; readonly reason: SignInRefusal }
  /** `cookie` is what the browser holds from now on: new at every sign-in (C1). */
  | { readonly outcome: 'signed-in'; readonly cookie: string };

interface Attempt {
  /** As the browser sent it. */
  readonly credential: string;
  readonly binding: ChallengeBinding;
  /** The session that this browser had before: it ends. */
  readonly before: Held | undefined;
  readonly correlationId: string;
}

/** Signs an operator in by a passkey, or says why not; both are recorded. */
export async function signInWithPasskey(deps: AccessDeps, attempt: Attempt): Promise<SignInResult> {
  const result = await trySignIn(deps, attempt);
  if (result.outcome === 'refused') {
    deps.auditBatch.record({
      type: 'operator.sign-in-failed',
      actor: 'system',
      correlationId: attempt.correlationId,
      detail: { reason: result.reason, ...(result.operatorId !== undefined && { operatorId: result.operatorId }) },
      at: deps.now(),
    });
    return { outcome: 'refused', reason: result.reason };
  }
  return result;
}

type Tried =
  | Exclude<SignInResult, { outcome: 'refused' }>
  | { readonly outcome: 'refused'; readonly reason: SignInRefusal; readonly operatorId?: string };

async function trySignIn(deps: AccessDeps, attempt: Attempt): Promise<Tried> {
  const credential = readCredential(UsedCredential, attempt.credential);
  if (credential === undefined) return { outcome: 'refused', reason: 'malformed' };
  const passkey = await passkeyOf(deps, deps.db, credential.id);
  if (passkey === undefined) return { outcome: 'refused', reason: 'unknown-passkey' };
  const { operatorId } = passkey;
  const use = await checkPasskey(deps, { credential, passkey }, attempt.binding);
  if (use === undefined) return { outcome: 'refused', reason: 'not-proved', operatorId };
  const proved = { passkey, use, challenge: challengeOf(credential) };
  return deps.db.transaction((tx) => signIn(deps, tx, proved, attempt));
}

interface Proved {
  readonly passkey: PasskeyRow;
  readonly use: PasskeyUse;
  readonly challenge: string;
}

async function signIn(
  deps: AccessDeps,
  tx: Transaction,
  { passkey, use, challenge }: Proved,
  { before, correlationId }: Attempt,
): Promise<Tried> {
  const { operatorId, passkeyId } = passkey;
  const at = deps.now();
  const operator = await holdOperator(deps, tx, operatorId);
  if (operator?.status !== 'active') return { outcome: 'refused', reason: 'not-active', operatorId };
  if (!(await takeChallenge(deps, tx, challenge))) return { outcome: 'refused', reason: 'challenge-used', operatorId };
  if (!(await notePasskeyUse(tx, passkey, { ...use, at })))
    return { outcome: 'refused', reason: 'counter', operatorId };
  if (before !== undefined) await endSession(tx, before, { at, reason: 'signed-in-again' });
  const cookie = await beginSession(deps, tx, passkey);
  await appendAudit(tx, {
    chain: `operator:${operatorId}`,
    type: 'operator.signed-in',
    actor: actorOf(operator.handle),
    correlationId,
    detail: { passkeyId, backedUp: use.backedUp },
    at,
  });
  return { outcome: 'signed-in', cookie };
}
