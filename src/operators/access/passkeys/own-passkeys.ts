import { appendAudit } from '../../../audit/index.ts';
import { uuidv7 } from '../../../platform/crypto/uuid.ts';
import type { AccessDeps } from '../access-deps.ts';
import { holdOperator } from '../operator-rows.ts';
import type { SignedInOperator } from '../operator.ts';
import { endSessionsBegunWith } from '../session-rows.ts';
import { takeChallenge } from './challenge.ts';
import { checkNewPasskey } from './check-passkey.ts';
import { challengeOf, CreatedCredential, readCredential } from './credential.ts';
import { insertPasskey, passkeysOf, removePasskeyRow } from './passkey-rows.ts';

/** As for citizens: more than anybody needs, and few enough to look through. */
const MOST = 10;

/** A challenge for this session only. */
export const sessionBinding = ({ operatorId, sessionKey }: SignedInOperator) =>
  ['passkey', operatorId, 'session', sessionKey.toString('hex')] as const;

interface New {
  readonly label: string;
  /** As the browser sent it. */
  readonly credential: string;
  readonly correlationId: string;
}

export async function addPasskey(
  deps: AccessDeps,
  operator: SignedInOperator,
  { label, credential: sent, correlationId }: New,
): Promise<'added' | 'refused' | 'too-many'> {
  const { operatorId, actor } = operator;
  const credential = readCredential(CreatedCredential, sent);
  const made = credential && (await checkNewPasskey(deps, credential, sessionBinding(operator)));
  if (credential === undefined || made === undefined) return 'refused';
  return deps.db.transaction(async (tx) => {
    const at = deps.now();
    await holdOperator(deps, tx, operatorId);
    if ((await passkeysOf(deps, tx, operatorId)).length >= MOST) return 'too-many';
    if (!(await takeChallenge(deps, tx, challengeOf(credential)))) return 'refused';
    const passkeyId = uuidv7(at.getTime());
    if (!(await insertPasskey(deps, tx, { ...made, operatorId, passkeyId, label, addedAt: at }))) return 'refused';
    const detail = { passkeyId, backedUp: made.backedUp };
    const chain = `operator:${operatorId}`;
    await appendAudit(tx, { chain, type: 'operator.passkey-added', actor, correlationId, detail, at });
    return 'added';
  });
}

/** And the sessions begun with it. Never the last one: who has none is locked out. Held, so that two removals cannot take two of two. */
export async function removePasskey(
  deps: AccessDeps,
  { operatorId, actor }: SignedInOperator,
  { passkeyId, correlationId }: { readonly passkeyId: string; readonly correlationId: string },
): Promise<'last' | 'removed' | 'unknown'> {
  return deps.db.transaction(async (tx) => {
    const at = deps.now();
    await holdOperator(deps, tx, operatorId);
    const all = await passkeysOf(deps, tx, operatorId);
    if (!all.some((passkey) => passkey.passkeyId === passkeyId)) return 'unknown';
    if (all.length === 1) return 'last';
    await removePasskeyRow(tx, { operatorId, passkeyId }, at);
    await endSessionsBegunWith(tx, { operatorId, passkeyId }, { at, reason: 'passkey-removed' });
    const detail = { passkeyId };
    const chain = `operator:${operatorId}`;
    await appendAudit(tx, { chain, type: 'operator.passkey-removed', actor, correlationId, detail, at });
    return 'removed';
  });
}
