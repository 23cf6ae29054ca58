import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { AccessDeps } from './access-deps.ts';
import { makeHeld } from './held-secret.ts';
import { changeByHandle, refused } from './change-by-handle.ts';
import type { Operators } from './operators.ts';
import { insertToken, revokeTokenRow } from './token-rows.ts';

const MOST_DAYS = 90;
const A_DAY_MS = 24 * 3600 * 1000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tokens for the API. Made on the command line: whoever may type there answers for them. */
export function operatorTokens(deps: AccessDeps): Pick<Operators, 'makeToken' | 'revokeToken'> {
  return {
    makeToken: (handle, { roles, days }, act) =>
      changeByHandle(deps, handle, act, async ({ tx, operator, at, record }) => {
        const { operatorId } = operator;
        if (operator.status !== 'active') return refused('status');
        if (roles.length === 0) return refused('no-roles');
        // A program that could make operators could make itself one.
        if (roles.some((role) => role === 'administrator' || !operator.roles.includes(role)))
          return refused('roles-exceeded');
        if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) return refused('too-many-days');
        const tokenId = uuidv7(at.getTime());
        const held = makeHeld(deps.keyRing, 'token', operatorId);
        const expiresAt = new Date(at.getTime() + days * A_DAY_MS);
        await insertToken(tx, held, { tokenId, roles, madeBy: act.actor, madeAt: at, expiresAt });
        await record('operator.token-made', { tokenId, roles: roles.join(' '), days });
        return { outcome: 'made', token: held.text, tokenId, expiresAt } as const;
      }),
    revokeToken: (handle, tokenId, act) =>
      changeByHandle(deps, handle, act, async ({ tx, operator: { operatorId }, at, record }) => {
        if (!UUID.test(tokenId) || !(await revokeTokenRow(tx, { operatorId, tokenId }, at))) return refused('unknown');
        await record('operator.token-revoked', { tokenId });
        return { outcome: 'revoked' } as const;
      }),
  };
}
