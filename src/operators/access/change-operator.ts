import type { AccessDeps } from './access-deps.ts';
import { changeByHandle, refused } from './change-by-handle.ts';
import { endInvitations } from './invitation-rows.ts';
import { isLastAdministrator, updateOperator } from './operator-rows.ts';
import type { OperatorAct, Operators } from './operators.ts';
import { passkeysOf } from './passkeys/passkey-rows.ts';
import type { Role } from './permissions.ts';
import { endSessionsOf } from './session-rows.ts';

/** What may be done to an operator: each a change of their row, what follows from it, and the record, together. */
export function operatorChanges(
  deps: AccessDeps,
): Pick<Operators, 'changeRoles' | 'endSessions' | 'restore' | 'suspend'> {
  return {
    changeRoles: (handle, roles, act) => changeRoles(deps, handle, roles, act),
    suspend: (handle, act) =>
      changeByHandle(deps, handle, act, async ({ tx, operator, at, isOwn, record }) => {
        if (isOwn) return refused('not-oneself');
        if (operator.status === 'suspended') return refused('status');
        if (await isLastAdministrator(tx, operator)) return refused('last-administrator');
        await updateOperator(deps, tx, { ...operator, status: 'suspended' }, at);
        await endInvitations(tx, operator.operatorId, at);
        const sessions = await endSessionsOf(tx, operator.operatorId, { at, reason: 'suspended' });
        await record('operator.suspended', { sessions });
        return { outcome: 'suspended' } as const;
      }),
    restore: (handle, act) =>
      changeByHandle(deps, handle, act, async ({ tx, operator, at, isOwn, record }) => {
        if (isOwn) return refused('not-oneself');
        if (operator.status !== 'suspended') return refused('status');
        const hasPasskey = (await passkeysOf(deps, tx, operator.operatorId)).length > 0;
        await updateOperator(deps, tx, { ...operator, status: hasPasskey ? 'active' : 'invited' }, at);
        await record('operator.restored');
        return { outcome: 'restored' } as const;
      }),
    endSessions: (handle, act) =>
      changeByHandle(deps, handle, act, async ({ tx, operator, at, record }) => {
        const count = await endSessionsOf(tx, operator.operatorId, { at, reason: 'ended-by-operator' });
        await record('operator.sessions-ended', { sessions: count });
        return { outcome: 'ended', count } as const;
      }),
  };
}

function changeRoles(
  deps: AccessDeps,
  handle: string,
  roles: readonly Role[],
  act: OperatorAct,
): ReturnType<Operators['changeRoles']> {
  return changeByHandle(deps, handle, act, async ({ tx, operator, at, isOwn, record }) => {
    // What one person gives themselves, nobody else has seen.
    if (isOwn) return refused('not-oneself');
    if (roles.length === 0) return refused('no-roles');
    if (!roles.includes('administrator') && (await isLastAdministrator(tx, operator)))
      return refused('last-administrator');
    await updateOperator(deps, tx, { ...operator, roles }, at);
    const sessions = await endSessionsOf(tx, operator.operatorId, { at, reason: 'roles-changed' });
    await record('operator.roles-changed', { before: operator.roles.join(' '), roles: roles.join(' '), sessions });
    return { outcome: 'changed' } as const;
  });
}
