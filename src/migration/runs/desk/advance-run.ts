import type { Transaction } from '../../../platform/postgres/database.ts';
import { holdSides } from '../../cutover/side-rows.ts';
import { findSource } from '../../sources/source-store.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { isOlderNow } from './changed-since.ts';
import { direct } from './direct-run.ts';
import { claimSources, moveRun, recordRun } from './move-run.ts';
import { readParts } from './run-rows.ts';
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
    if (state === 'approved' && (await isOvertaken(tx, runId, at))) return 'changed-since';
    if (state === 'approved' && !(await claimSources(tx, runId, at))) return 'source-busy';
    await tx.query({
      text: 'UPDATE runs SET target = $2, asked_by = $3, paused_at = NULL WHERE run_id = $1',
      values: [runId, to, meta.actor],
    });
    await recordRun(tx, 'run.asked', runId, { at, meta, detail: { to } });
    // A rehearsed run may be validated once more, after its source was mended.
    const next = state === 'rehearsed' ? 'validating' : nextState(state);
    if (state === 'rehearsed') await beginAgain(tx, runId);
    if (next) await moveRun(tx, { runId, from: state }, next, { at, meta });
    return 'done';
  });

/** As the sources are defined now: what was made of their files before is not what would be made now. */
async function beginAgain(tx: Transaction, runId: string): Promise<void> {
  await tx.query({ text: 'DELETE FROM run_batches WHERE run_id = $1', values: [runId] });
  for (const { part, source: key } of await readParts(tx, runId)) {
    const source = await findSource(tx, key);
    await tx.query({
      text: `UPDATE run_parts SET done = 'planned', definition = coalesce($3::jsonb, definition),
                                  source_version = coalesce($4, source_version) WHERE run_id = $1 AND part = $2`,
      values: [runId, part, source ? JSON.stringify(source.definition) : null, source?.version ?? null],
    });
  }
}

/** Nobody has stood for its files as older ones, or for one of an old system that is finalised. */
async function isOvertaken(tx: Transaction, runId: string, at: Date): Promise<boolean> {
  for (const part of await readParts(tx, runId)) {
    if (!part.is_older && (await isOlderNow(tx, part))) return true;
    const source = await findSource(tx, part.source);
    // Held: whoever finalises it meanwhile sees that this run has it.
    if (source && (await holdSides(tx, source, at)).finalisedAt) return true;
  }
  return false;
}
