import { appendAudit, type AuditEventType, type AuditValue } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccessDeps } from './access-deps.ts';
import { holdOperator, operatorIdOf, type OperatorRow } from './operator-rows.ts';
import { actorOf } from './operator.ts';
import type { OperatorAct, Refused } from './operators.ts';

export const refused = (reason: Refused['reason']): Refused => ({ outcome: 'refused', reason });

interface Held {
  readonly tx: Transaction;
  readonly operator: OperatorRow;
  readonly at: Date;
  /** Whether they do it to themselves. */
  readonly isOwn: boolean;
  /** Writes down what was done to them, in this transaction. */
  readonly record: (type: AuditEventType, detail?: Readonly<Record<string, AuditValue>>) => Promise<void>;
}

/** Holds the operator of a handle for one change. */
export function changeByHandle<T>(
  deps: AccessDeps,
  handle: string,
  act: OperatorAct,
  change: (held: Held) => Promise<T | Refused>,
): Promise<T | Refused> {
  return deps.db.transaction(async (tx) => {
    const operatorId = await operatorIdOf(tx, handle);
    const operator = operatorId === undefined ? undefined : await holdOperator(deps, tx, operatorId);
    if (operator === undefined) return refused('unknown');
    const at = deps.now();
    const isOwn = act.actor === actorOf(handle);
    const record: Held['record'] = (type, detail) =>
      appendAudit(tx, { chain: `operator:${operator.operatorId}`, type, ...act, ...(detail && { detail }), at });
    return change({ tx, operator, at, isOwn, record });
  });
}
