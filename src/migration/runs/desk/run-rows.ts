import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import type { Problem, SourceDefinition } from '../../sources/definition.ts';
import { addCounts, type Counted } from '../phases/outcome-groups.ts';
import type { PartDone, RunState, RunTarget } from './run-states.ts';
import type { FoundInFile, PartProgress, Run, RunPart, RunSummary } from './run-types.ts';

export interface RunRow extends Record<string, unknown> {
  run_id: string;
  title: string;
  state: RunState;
  state_since: Date;
  target: RunTarget | null;
  asked_by: string | null;
  paused_at: Date | null;
  cohort: number;
  planned_by: string;
  planned_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  note: string | null;
  problems: readonly Problem[] | null;
}

export interface PartRow extends Record<string, unknown> {
  run_id: string;
  part: number;
  source: string;
  file_name: string;
  file_place: string;
  file_digest: Buffer;
  file_bytes: number;
  manifest: RunPart['manifest'];
  as_of: Date | null;
  is_older: boolean;
  definition: SourceDefinition;
  source_version: number;
  found: FoundInFile;
  done: PartDone;
  counts: RunPart['counts'];
  progress: PartProgress | null;
  weak: number;
  wrapped: number;
}

const RUN_COLUMNS = `run_id, title, state, state_since, target, asked_by, paused_at, cohort, planned_by, planned_at, approved_by,
                     approved_at, note, problems`;

/** Reads a run and holds it until the transaction ends: of two people who move it at once the second sees the first's. */
export async function holdRun(tx: Transaction, runId: string): Promise<RunRow | undefined> {
  const [row] = await tx.query<RunRow>({
    text: `SELECT ${RUN_COLUMNS} FROM runs WHERE run_id = $1 FOR UPDATE`,
    values: [runId],
  });
  return row;
}

const IS_UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function readRun(queryable: Queryable, runId: string): Promise<Run | undefined> {
  if (!IS_UUID.test(runId)) return undefined;
  const [row] = await queryable.query<RunRow>({
    text: `SELECT ${RUN_COLUMNS} FROM runs WHERE run_id = $1`,
    values: [runId],
  });
  if (!row) return undefined;
  const parts = await readParts(queryable, runId);
  return { ...toRun(row), problems: row.problems ?? [], parts: parts.map(toPart) };
}

export function readParts(queryable: Queryable, runId: string): Promise<PartRow[]> {
  return queryable.query<PartRow>({
    text: `SELECT p.*, coalesce(b.weak, 0) AS weak, coalesce(b.wrapped, 0) AS wrapped
           FROM run_parts AS p LEFT JOIN (
             SELECT part, sum(weak)::int AS weak, (sum(weak) FILTER (WHERE wrapped_at IS NOT NULL))::int AS wrapped
             FROM run_batches WHERE run_id = $1 GROUP BY part) AS b USING (part)
           WHERE p.run_id = $1 ORDER BY p.part`,
    values: [runId],
  });
}

const toRun = (row: RunRow): Omit<Run, 'parts' | 'problems'> => ({
  runId: row.run_id,
  title: row.title,
  state: row.state,
  stateSince: row.state_since,
  target: row.target ?? undefined,
  pausedAt: row.paused_at ?? undefined,
  cohort: row.cohort,
  plannedBy: row.planned_by,
  plannedAt: row.planned_at,
  approvedBy: row.approved_by ?? undefined,
  approvedAt: row.approved_at ?? undefined,
  note: row.note ?? undefined,
});

const toPart = (row: PartRow): RunPart => ({
  part: row.part,
  source: row.source,
  sourceName: row.definition.name.en,
  department: row.definition.department,
  fileName: row.file_name,
  fileDigest: row.file_digest.toString('hex'),
  fileBytes: row.file_bytes,
  manifest: row.manifest,
  asOf: row.as_of ?? undefined,
  isOlder: row.is_older,
  policyVersion: row.definition.policy.version,
  found: row.found,
  done: row.done,
  counts: row.counts,
  progress: row.progress ?? undefined,
  ...(row.weak > 0 && { wrap: { waiting: row.weak - row.wrapped, done: row.wrapped } }),
});

interface ListedRow extends RunRow {
  sources: string[];
  counts: RunPart['counts'][];
}

/** The newest first. */
export async function listRuns(
  queryable: Queryable,
  { source, limit = 200 }: { readonly source?: string; readonly limit?: number },
): Promise<readonly RunSummary[]> {
  const rows = await queryable.query<ListedRow>({
    text: `SELECT ${RUN_COLUMNS}, p.sources, p.counts
           FROM runs JOIN (SELECT run_id, array_agg(source ORDER BY part) AS sources, jsonb_agg(counts ORDER BY part) AS counts
                           FROM run_parts GROUP BY run_id) AS p USING (run_id)
           WHERE $1::text IS NULL OR $1 = ANY(p.sources) ORDER BY run_id DESC LIMIT $2`,
    values: [source ?? null, limit],
  });
  return rows.map((row) => ({ ...toRun(row), sources: row.sources, ...sumOf(row.counts) }));
}

/** The latest that is known: of the run itself, or of its rehearsal, or of its validation. */
function sumOf(counts: readonly RunPart['counts'][]): Pick<RunSummary, 'rows' | 'outcomes'> {
  const latest = counts.map(({ run, rehearse, validate }) => run ?? rehearse ?? validate);
  const rows = latest.reduce((sum, one) => sum + (one?.read ?? 0), 0);
  const counted = latest.flatMap((one): Counted[] =>
    one?.outcomes ? [{ outcomes: one.outcomes, codes: one.codes }] : [],
  );
  return { rows, outcomes: counted.length > 0 ? addCounts(counted).outcomes : undefined };
}
