import { appendAudit, type AuditEventType, type AuditValue } from '../../../audit/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { RUN_MOVES, type RunState } from './run-states.ts';
import type { RunMeta } from './run-types.ts';

export const canMove = (from: RunState, to: RunState): boolean => RUN_MOVES[from].some((state) => state === to);

/** Moves a run that is held by the caller's transaction. @throws Error for a move that is not in the table. */
export async function moveRun(
  tx: Transaction,
  run: { readonly runId: string; readonly from: RunState },
  to: RunState,
  { at, meta }: { readonly at: Date; readonly meta: RunMeta },
): Promise<void> {
  if (!canMove(run.from, to)) throw new Error(`a run does not move from ${run.from} to ${to}`);
  await tx.query({
    text: 'UPDATE runs SET state = $2, state_since = $3 WHERE run_id = $1',
    values: [run.runId, to, at],
  });
  await recordRun(tx, 'run.moved', run.runId, { at, meta, detail: { from: run.from, to } });
}

export async function recordRun(
  tx: Transaction,
  type: AuditEventType,
  runId: string,
  {
    at,
    meta,
    detail,
  }: { readonly at: Date; readonly meta: RunMeta; readonly detail?: Readonly<Record<string, AuditValue>> },
): Promise<void> {
  await appendAudit(tx, { chain: `run:${runId}`, type, ...meta, ...(detail && { detail }), at });
}

/** One run at a time decides about the rows of a source. False: another one has it. */
export async function claimSources(tx: Transaction, runId: string, at: Date): Promise<boolean> {
  const claimed = await tx.query({
    text: `INSERT INTO source_runs (source, run_id, since)
           SELECT source, run_id, $2 FROM run_parts WHERE run_id = $1 ORDER BY source
           ON CONFLICT (source) DO UPDATE SET since = source_runs.since WHERE source_runs.run_id = $1 RETURNING 1`,
    values: [runId, at],
  });
  const [wanted] = await tx.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM run_parts WHERE run_id = $1',
    values: [runId],
  });
  if (claimed.length === wanted?.n) return true;
  // All or none: what a refused run held on to would be closed to every other.
  await releaseSources(tx, runId);
  return false;
}

export async function releaseSources(tx: Transaction, runId: string): Promise<void> {
  const parts = await tx.query<{ source: string }>({
    text: 'SELECT source FROM run_parts WHERE run_id = $1',
    values: [runId],
  });
  await tx.query({
    text: 'DELETE FROM source_runs WHERE source = ANY($2) AND run_id = $1',
    values: [runId, parts.map(({ source }) => source)],
  });
}
