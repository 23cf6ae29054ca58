import type { Transaction } from '../../../platform/postgres/database.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { direct } from './direct-run.ts';
import { claimSources, moveRun, recordRun } from './move-run.ts';
import type { RunState, RunTarget } from './run-states.ts';
import type { RunMeta, RunMoved } from './run-types.ts';

/** Which working state leads from where a run rests towards a target; undefined: nothing does, or a person is asked first. */
const NEXT: Partial<Record<RunState, RunState>> = {
  planned: 'validating',
  validated: 'rehearsing',
  approved: 'staging',
  staged: 'running',
};

const BEFORE = {
  validated: ['planned', 'rehearsed'],
  rehearsed: ['planned', 'validated'],
  staged: ['approved'],
  reconciled: ['approved', 'staged'],
} as const satisfies Record<Exclude<RunTarget, 'undone'>, readonly RunState[]>;

export const nextState = (state: RunState): RunState | undefined => NEXT[state];

/** Asks the workers to bring a run to where they may. */
export const advanceRun = (
  deps: WorkDependencies,
  runId: string,
  to: Exclude<RunTarget, 'undone'>,
  meta: RunMeta,
): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, { state }, at) => {
    if (!BEFORE[to].some((from) => from === state)) return 'not-now';
    if (state === 'approved' && !(await claimSources(tx, runId, at))) return 'source-busy';
    await tx.query({
      text: 'UPDATE runs SET target = $2, asked_by = $3, paused_at = NULL WHERE run_id = $1',
      values: [runId, to, meta.actor],
    });
    await recordRun(tx, 'run.asked', runId, { at, meta, detail: { to } });
    // A rehearsed run may be validated once more, after its source was mended.
    const next = state === 'rehearsed' ? 'validating' : nextState(state);
    if (state === 'rehearsed') await forgetDone(tx, runId);
    if (next) await moveRun(tx, { runId, from: state }, next, { at, meta });
    return 'done';
  });

const forgetDone = (tx: Transaction, runId: string) =>
  tx.query({ text: `UPDATE run_parts SET done = 'planned' WHERE run_id = $1`, values: [runId] });
