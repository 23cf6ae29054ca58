import type { Transaction } from '../../../platform/postgres/database.ts';
import { isOperator } from '../../linking/ask-or-approve.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { holdRun, readRun, type RunRow } from './run-rows.ts';
import type { RunMeta, RunMoved, RunRefusal } from './run-types.ts';

export type Step = RunRefusal | 'done';
export type Direct = (tx: Transaction, run: RunRow, at: Date) => Promise<Step>;

/** What people do to a run: each in one transaction that holds it. */
export async function direct(
  deps: WorkDependencies,
  runId: string,
  meta: RunMeta,
  act: Direct,
): Promise<RunMoved | undefined> {
  if (!isOperator(meta.actor)) return { outcome: 'refused', reason: 'not-an-operator' };
  return deps.db.transaction(async (tx) => {
    const row = await holdRun(tx, runId);
    if (!row) return undefined;
    const step = await act(tx, row, deps.now());
    if (step !== 'done') return { outcome: 'refused', reason: step };
    const run = await readRun(tx, runId);
    return run && { outcome: 'done', run };
  });
}
