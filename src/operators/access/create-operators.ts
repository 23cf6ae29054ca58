import type { AccessDeps } from './access-deps.ts';
import { operatorChanges } from './change-operator.ts';
import { invitedUntil } from './invitation-rows.ts';
import { inviteAgain, inviteOperator } from './invite-operator.ts';
import { allOperators, operatorIdOf, type OperatorRow, readOperator } from './operator-rows.ts';
import { operatorTokens } from './operator-tokens.ts';
import type { ListedOperator, Operators } from './operators.ts';
import { passkeysOf } from './passkeys/passkey-rows.ts';
import { sessionsOf } from './session-rows.ts';
import { tokensOf } from './token-rows.ts';

export function createOperators(deps: AccessDeps): Operators {
  return {
    invite: (operator, act) => inviteOperator(deps, operator, act),
    inviteAgain: (handle, act) => inviteAgain(deps, handle, act),
    ...operatorChanges(deps),
    ...operatorTokens(deps),
    async list() {
      const rows = await allOperators(deps, deps.db);
      return Promise.all(rows.map((row) => withWhatTheyHold(deps, row)));
    },
    async find(handle) {
      const operatorId = await operatorIdOf(deps.db, handle);
      const row = operatorId === undefined ? undefined : await readOperator(deps, deps.db, operatorId);
      return row && withWhatTheyHold(deps, row);
    },
  };
}

async function withWhatTheyHold(deps: AccessDeps, row: OperatorRow): Promise<ListedOperator> {
  const { db, config, now } = deps;
  const { operatorId } = row;
  const at = now();
  const seenSince = new Date(at.getTime() - config.operators.sessionIdle * 1000);
  const [passkeys, sessions, until, tokens] = await Promise.all([
    passkeysOf(deps, db, operatorId),
    sessionsOf(db, operatorId, { at, seenSince }),
    invitedUntil(db, operatorId, at),
    tokensOf(db, operatorId, at),
  ]);
  return { ...row, passkeys: passkeys.length, sessions, invitedUntil: until, tokens };
}
