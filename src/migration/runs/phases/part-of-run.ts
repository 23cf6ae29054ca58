import type { Queryable } from '../../../platform/postgres/database.ts';
import type { SourceDefinition } from '../../sources/definition.ts';
import type { PartDone } from '../desk/run-states.ts';
import type { RunPart } from '../desk/run-types.ts';

/** One file of a run, as those who work on it need it. */
export interface PartOfRun {
  readonly runId: string;
  readonly part: number;
  readonly source: string;
  readonly importId: string;
  readonly fileName: string;
  readonly place: string;
  readonly digest: Buffer;
  readonly bytes: number;
  readonly asOf: Date | undefined;
  readonly definition: SourceDefinition;
  readonly done: PartDone;
  readonly counts: RunPart['counts'];
  /** Of 10,000. */
  readonly cohort: number;
  /** Who asked for the work. */
  readonly actor: string;
  readonly plannedAt: Date;
}

interface Row extends Record<string, unknown> {
  part: number;
  source: string;
  import_id: string;
  file_name: string;
  file_place: string;
  file_digest: Buffer;
  file_bytes: number;
  as_of: Date | null;
  definition: SourceDefinition;
  done: PartDone;
  counts: RunPart['counts'];
  cohort: number;
  actor: string;
  planned_at: Date;
}

export async function readPart(queryable: Queryable, runId: string, part: number): Promise<PartOfRun | undefined> {
  const [row] = await queryable.query<Row>({
    text: `SELECT p.*, r.cohort, coalesce(r.asked_by, r.planned_by) AS actor, r.planned_at
           FROM run_parts AS p JOIN runs AS r USING (run_id) WHERE p.run_id = $1 AND p.part = $2`,
    values: [runId, part],
  });
  return row && fromRow(runId, row);
}

const fromRow = (runId: string, row: Row): PartOfRun => ({
  runId,
  part: row.part,
  source: row.source,
  importId: row.import_id,
  fileName: row.file_name,
  place: row.file_place,
  digest: row.file_digest,
  bytes: row.file_bytes,
  asOf: row.as_of ?? undefined,
  definition: row.definition,
  done: row.done,
  counts: row.counts,
  cohort: row.cohort,
  actor: row.actor,
  plannedAt: row.planned_at,
});
