import { createHash } from 'node:crypto';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { isChangedSince, isOlderNow } from './changed-since.ts';
import { direct } from './direct-run.ts';
import { moveRun, recordRun } from './move-run.ts';
import { type PartRow, readParts, type RunRow } from './run-rows.ts';
import type { RunMeta, RunMoved, RunRefusal } from './run-types.ts';

/** Two different people, and the second has seen what the rehearsal came to (E7, linking-attacks 32). */
export const approveRun = (
  deps: WorkDependencies,
  runId: string,
  meta: RunMeta,
  { olderFile }: { readonly olderFile: boolean },
): Promise<RunMoved | undefined> =>
  direct(deps, runId, meta, async (tx, run, at) => {
    if (run.state !== 'rehearsed') return 'not-now';
    const parts = await withAges(tx, await readParts(tx, runId));
    const refusal = await whyNotApproved(tx, { run, parts, meta, olderFile });
    if (refusal) {
      await recordRun(tx, 'run.approval-refused', runId, { at, meta, detail: { reason: refusal } });
      return refusal;
    }
    await tx.query({
      text: 'UPDATE runs SET approved_by = $2, approved_at = $3, approved_of = $4 WHERE run_id = $1',
      values: [runId, meta.actor, at, digestOfPlan(parts)],
    });
    await tx.query({
      text: 'UPDATE run_parts SET is_older = true WHERE run_id = $1 AND part = ANY($2::smallint[])',
      values: [runId, parts.filter((part) => part.is_older).map(({ part }) => part)],
    });
    await recordRun(tx, 'run.approved', runId, { at, meta, detail: { of: digestOfPlan(parts).toString('hex') } });
    await moveRun(tx, { runId, from: run.state }, 'approved', { at, meta });
    return 'done';
  });

async function withAges(tx: Transaction, parts: readonly PartRow[]): Promise<PartRow[]> {
  const aged: PartRow[] = [];
  for (const part of parts) aged.push({ ...part, is_older: await isOlderNow(tx, part) });
  return aged;
}

interface Approving {
  readonly run: RunRow;
  readonly parts: readonly PartRow[];
  readonly meta: RunMeta;
  readonly olderFile: boolean;
}

async function whyNotApproved(
  tx: Transaction,
  { run, parts, meta, olderFile }: Approving,
): Promise<RunRefusal | undefined> {
  if (meta.actor === run.planned_by) return 'same-operator';
  if (parts.some((part) => part.is_older) && !olderFile) return 'older-file';
  for (const part of parts) if (await isChangedSince(tx, part, run.state_since)) return 'changed-since';
  return undefined;
}

/** What was approved, to the byte of each file and the row of each rehearsal. */
function digestOfPlan(parts: readonly PartRow[]): Buffer {
  const said = parts.map(({ source, file_digest: digest, definition, counts }) => [
    source,
    digest.toString('hex'),
    definition,
    counts.rehearse?.outcomes,
  ]);
  return createHash('sha256').update(JSON.stringify(said)).digest();
}
