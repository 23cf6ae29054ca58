import type { Transaction } from '../../../platform/postgres/database.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { direct } from './direct-run.ts';
import { judgeReason } from './judge-reason.ts';
import { canMove, claimSources, moveRun, releaseSources } from './move-run.ts';
import type { RunMeta, RunMoved } from './run-types.ts';

const MAX_REASON = 500;

/** Ends a run where it is. */
export const stopRun = (
  deps: WorkDependencies,
  runId: string,
  meta: RunMeta,
  why: string,
): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, { state }, at) => {
    if (!canMove(state, 'stopped')) return 'not-now';
    const wrong = judgeReason(why);
    if (wrong) return wrong;
    await tx.query({
      text: 'UPDATE runs SET target = NULL, paused_at = NULL, note = $2 WHERE run_id = $1',
      values: [runId, why.trim().slice(0, MAX_REASON)],
    });
    await moveRun(tx, { runId, from: state }, 'stopped', { at, meta });
    await closeImports(tx, runId, at);
    await releaseSources(tx, runId);
    return 'done';
  });

/** A file of which nothing went in is not the last file of its source. */
async function closeImports(tx: Transaction, runId: string, at: Date): Promise<void> {
  const parts = await tx.query<{ import_id: string; wrote: boolean }>({
    text: `SELECT import_id, EXISTS (SELECT 1 FROM run_batches AS b WHERE b.run_id = p.run_id AND b.part = p.part
                                     AND b.applied_at IS NOT NULL) AS wrote FROM run_parts AS p WHERE run_id = $1`,
    values: [runId],
  });
  for (const { import_id: importId, wrote } of parts)
    await tx.query({
      text: `UPDATE imports SET outcome = outcome || $2::jsonb, finished_at = $3 WHERE import_id = $1 AND finished_at IS NULL`,
      values: [importId, JSON.stringify(wrote ? { stopped: true } : { stopped: true, refused: true }), at],
    });
}

/** Asks the workers to restore the state before it. */
export const undoRun = (
  deps: WorkDependencies,
  runId: string,
  meta: RunMeta,
  why: string,
): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, run, at) => {
    if (!canMove(run.state, 'undoing') || run.approved_by === null) return 'not-now';
    const wrong = judgeReason(why);
    if (wrong) return wrong;
    if (!(await claimSources(tx, runId, at))) return 'source-busy';
    await tx.query({
      text: `UPDATE runs SET target = 'undone', asked_by = $2, note = $3, paused_at = NULL WHERE run_id = $1`,
      values: [runId, meta.actor, why.trim().slice(0, MAX_REASON)],
    });
    await moveRun(tx, { runId, from: run.state }, 'undoing', { at, meta });
    return 'done';
  });
