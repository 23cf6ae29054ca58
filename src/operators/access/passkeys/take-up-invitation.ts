import { appendAudit } from '../../../audit/index.ts';
import { uuidv7 } from '../../../platform/crypto/uuid.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { AccessDeps } from '../access-deps.ts';
import { beginSession } from '../begin-session.ts';
import type { Held } from '../held-secret.ts';
import { endInvitations, invitationStands } from '../invitation-rows.ts';
import { holdOperator, updateOperator } from '../operator-rows.ts';
import { actorOf } from '../operator.ts';
import { endSessionsOf } from '../session-rows.ts';
import { takeChallenge } from './challenge.ts';
import { checkNewPasskey, type NewPasskey } from './check-passkey.ts';
import { challengeOf, CreatedCredential, readCredential } from './credential.ts';
import { insertPasskey, passkeysOf, removePasskeyRow } from './passkey-rows.ts';

export type TakenUp =
  | { readonly outcome: 'joined'; readonly cookie: string }
  | { readonly outcome: 'refused'; readonly reason: 'credential' | 'invitation' };

export interface TakeUp {
  readonly invitation: Held;
  readonly name: string;
  readonly label: string;
  /** As the browser sent it. */
  readonly credential: string;
  readonly correlationId: string;
}

/** A challenge for this invitation only. */
export const invitationBinding = ({ operatorId, key }: Held) =>
  ['passkey', operatorId, 'invitation', key.toString('hex')] as const;

/** Somebody takes up their invitation with a passkey, and is signed in. Passkeys from before are gone: they were lost. */
export async function takeUpInvitation(deps: AccessDeps, takeUp: TakeUp): Promise<TakenUp> {
  const credential = readCredential(CreatedCredential, takeUp.credential);
  const made = credential && (await checkNewPasskey(deps, credential, invitationBinding(takeUp.invitation)));
  if (credential === undefined || made === undefined) return { outcome: 'refused', reason: 'credential' };
  const challenge = challengeOf(credential);
  return deps.db.transaction((tx) => join(deps, tx, { ...takeUp, made, challenge }));
}

interface Proved extends TakeUp {
  readonly made: NewPasskey;
  readonly challenge: string;
}

/** Under the operator's lock: of several who take up one link at the same moment, one comes in. */
async function join(deps: AccessDeps, tx: Transaction, proved: Proved): Promise<TakenUp> {
  const { invitation, name, label, correlationId, made, challenge } = proved;
  const { operatorId } = invitation;
  const at = deps.now();
  const operator = await holdOperator(deps, tx, operatorId);
  const isOpen = operator?.status !== 'suspended' && (await invitationStands(tx, invitation, at));
  if (operator === undefined || !isOpen) return { outcome: 'refused', reason: 'invitation' };
  if (!(await takeChallenge(deps, tx, challenge))) return { outcome: 'refused', reason: 'credential' };
  const before = await passkeysOf(deps, tx, operatorId);
  const passkeyId = uuidv7(at.getTime());
  const isNew = await insertPasskey(deps, tx, { ...made, operatorId, passkeyId, label, addedAt: at });
  if (!isNew) return { outcome: 'refused', reason: 'credential' };
  for (const passkey of before) await removePasskeyRow(tx, passkey, at);
  await endInvitations(tx, operatorId, at);
  await endSessionsOf(tx, operatorId, { at, reason: 'passkeys-replaced' });
  await updateOperator(deps, tx, { ...operator, status: 'active', name }, at);
  const actor = actorOf(operator.handle);
  const detail = { passkeyId, backedUp: made.backedUp, replaced: before.length };
  await appendAudit(tx, { chain: `operator:${operatorId}`, type: 'operator.joined', actor, correlationId, detail, at });
  return { outcome: 'joined', cookie: await beginSession(deps, tx, { operatorId, passkeyId }) };
}
