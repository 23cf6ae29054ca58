import { appendAudit } from '../../../audit/index.ts';
import type { Problem } from '../../sources/definition.ts';
import { nextState } from '../desk/advance-run.ts';
import { moveRun, releaseSources } from '../desk/move-run.ts';
import { holdRun, type RunRow } from '../desk/run-rows.ts';
import { isWorking, RUN_STEPS, type RunState, WORK, type WorkingState } from '../desk/run-states.ts';
import type { Queryable } from '../../../platform/postgres/database.ts';
import { countSoon } from '../../ledger/count-progress.ts';
import { makeBalance } from '../balance/make-balance.ts';
import type { PartOfRun } from './part-of-run.ts';
import { tidyLedger } from './tidy-ledger.ts';
import type { WorkDependencies } from './work-deps.ts';

const SYSTEM = { actor: 'system' };

/** Moves a run on when all of its parts are through. False: they are not, it is paused, or somebody else has moved it. */
export async function settleRun(deps: WorkDependencies, runId: string, state: WorkingState): Promise<boolean> {
  // A look first: holding the run would make those wait who are at work on it.
  if (!(await allDone(deps.db, runId, state))) return false;
  const moved = await deps.db.transaction(async (tx) => {
    const run = await holdRun(tx, runId);
    if (run?.state !== state || run.paused_at || !(await allDone(tx, runId, state))) return undefined;
    const at = deps.now();
    const to = WORK[state].next;
    await moveRun(tx, { runId, from: state }, to, { at, meta: SYSTEM });
    if (to === 'undone') {
      await releaseSources(tx, runId);
      await countSoon(tx, at);
    }
    const next = isBefore(to, run.target) ? nextState(to) : undefined;
    if (next) await moveRun(tx, { runId, from: to }, next, { at, meta: SYSTEM });
    return to;
  });
  if (moved === 'rehearsed' || moved === 'undone') await tidyLedger(deps.db);
  return moved !== undefined;
}

async function allDone(queryable: Queryable, runId: string, state: WorkingState): Promise<boolean> {
  const left = await queryable.query({
    text: 'SELECT 1 FROM run_parts WHERE run_id = $1 AND done <> $2 LIMIT 1',
    values: [runId, WORK[state].done],
  });
  return left.length === 0;
}

const isBefore = (state: RunState, target: RunRow['target']): boolean =>
  RUN_STEPS.findIndex((step) => step === state) < RUN_STEPS.findIndex((step) => step === target);

/** Counts every row once more, from the ledger; a run that does not balance stays where it is, and says why. */
export async function reconcile(deps: WorkDependencies, runId: string): Promise<void> {
  const balance = await makeBalance(deps, runId);
  if (!balance) return;
  await deps.db.transaction(async (tx) => {
    const run = await holdRun(tx, runId);
    if (run?.state !== 'ran') return;
    const problems = balance.sheet.balanced ? null : [notBalanced];
    await tx.query({
      text: 'UPDATE runs SET balance = $2::jsonb, balance_jws = $3, problems = $4::jsonb WHERE run_id = $1',
      values: [runId, JSON.stringify(balance.sheet), balance.jws, problems && JSON.stringify(problems)],
    });
    await releaseSources(tx, runId);
    await countSoon(tx, deps.now());
    if (!problems) await moveRun(tx, { runId, from: 'ran' }, 'reconciled', { at: deps.now(), meta: SYSTEM });
  });
}

const notBalanced: Problem = {
  field: 'balance',
  code: 'not_balanced',
  message:
    'The rows that were read are not the rows that were accounted for. Nothing is lost: see the balance sheet, then undo.',
};

export async function refuseRun(deps: WorkDependencies, part: PartOfRun, problems: readonly Problem[]): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const run = await holdRun(tx, part.runId);
    if (!run || !isWorking(run.state) || run.state === 'undoing' || run.state === 'running') return;
    await tx.query({
      text: 'UPDATE runs SET problems = $2::jsonb, target = NULL WHERE run_id = $1',
      values: [part.runId, JSON.stringify(problems)],
    });
    await moveRun(tx, { runId: part.runId, from: run.state }, 'refused', { at: deps.now(), meta: SYSTEM });
    await releaseSources(tx, part.runId);
    const detail = { runId: part.runId, code: problems[0]?.code ?? 'unknown' };
    await appendAudit(tx, { chain: `source:${part.source}`, type: 'source.run-refused', actor: 'system', detail });
  });
}
