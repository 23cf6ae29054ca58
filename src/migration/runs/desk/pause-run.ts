import type { WorkDependencies } from '../phases/work-deps.ts';
import { direct } from './direct-run.ts';
import { recordRun } from './move-run.ts';
import { isWorking } from './run-states.ts';
import type { RunMeta, RunMoved } from './run-types.ts';

export const pauseRun = (deps: WorkDependencies, runId: string, meta: RunMeta): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, { state, paused_at: paused }, at) => {
    if (!isWorking(state) || paused) return 'not-now';
    await tx.query({ text: 'UPDATE runs SET paused_at = $2 WHERE run_id = $1', values: [runId, at] });
    await recordRun(tx, 'run.paused', runId, { at, meta });
    return 'done';
  });

export const resumeRun = (deps: WorkDependencies, runId: string, meta: RunMeta): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, { paused_at: paused }, at) => {
    if (!paused) return 'not-now';
    await tx.query({ text: 'UPDATE runs SET paused_at = NULL WHERE run_id = $1', values: [runId] });
    await recordRun(tx, 'run.resumed', runId, { at, meta });
    return 'done';
  });
