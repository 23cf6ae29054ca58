import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccessDeps } from './access-deps.ts';
import { makeHeld } from './held-secret.ts';
import { changeByHandle, refused } from './change-by-handle.ts';
import { endInvitations, insertInvitation } from './invitation-rows.ts';
import { insertOperator } from './operator-rows.ts';
import type { Invited, OperatorAct, Refused } from './operators.ts';
import type { Role } from './permissions.ts';

const HANDLE = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export async function inviteOperator(
  deps: AccessDeps,
  { handle, roles }: { readonly handle: string; readonly roles: readonly Role[] },
  act: OperatorAct,
): Promise<Invited | Refused> {
  if (!HANDLE.test(handle)) return refused('handle-malformed');
  if (roles.length === 0) return refused('no-roles');
  return deps.db.transaction(async (tx) => {
    const at = deps.now();
    const operatorId = uuidv7(at.getTime());
    if (!(await insertOperator(tx, { operatorId, handle, roles, addedBy: act.actor, addedAt: at })))
      return refused('handle-taken');
    const detail = { handle, roles: roles.join(' ') };
    await appendAudit(tx, { chain: `operator:${operatorId}`, type: 'operator.added', ...act, detail, at });
    return makeLink(deps, tx, operatorId, act);
  });
}

export function inviteAgain(deps: AccessDeps, handle: string, act: OperatorAct): Promise<Invited | Refused> {
  return changeByHandle(deps, handle, act, async ({ tx, operator }) =>
    operator.status === 'suspended' ? refused('status') : makeLink(deps, tx, operator.operatorId, act),
  );
}

async function makeLink(deps: AccessDeps, tx: Transaction, operatorId: string, act: OperatorAct): Promise<Invited> {
  const at = deps.now();
  const invitation = makeHeld(deps.keyRing, 'invitation', operatorId);
  const expiresAt = new Date(at.getTime() + deps.config.operators.invitation * 1000);
  await endInvitations(tx, operatorId, at);
  await insertInvitation(tx, invitation, { madeBy: act.actor, madeAt: at, expiresAt });
  await appendAudit(tx, { chain: `operator:${operatorId}`, type: 'operator.invited', ...act, at });
  return { outcome: 'invited', link: `${deps.config.issuer}/operators/invitation/${invitation.text}`, expiresAt };
}
