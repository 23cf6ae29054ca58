import type { Database } from '../../platform/postgres/database.ts';
import type { SourceDefinition } from '../sources/definition.ts';

/**
 * `waiting`: nothing of it has come in. `moving`: somebody waits, or a run is under way. `done`: nobody waits any more, or
 * the source is finalised.
 */
export type SystemState = 'waiting' | 'moving' | 'done';

export interface Counted {
  readonly waiting: number;
  readonly adopted: number;
  /** Released, retired, refused by their source, or become an organisation. */
  readonly other: number;
}

/** How far one old account system is. Counts are a few minutes old; nothing of a person. */
export interface SystemProgress extends Counted {
  readonly source: string;
  readonly name: SourceDefinition['name'];
  readonly department: string;
  /** `M01` … `M44`; undefined where only an imported password is checked. */
  readonly method: string | undefined;
  readonly isSuspended: boolean;
  readonly state: SystemState;
  /** A run of it that is under way. */
  readonly liveRun: string | undefined;
  readonly lastRun: { readonly runId: string; readonly state: string; readonly at: Date } | undefined;
  readonly countedAt: Date | undefined;
}

export interface DayProgress extends Counted {
  /** `2026-11-30`, of UTC. */
  readonly day: string;
  readonly countedAt: Date;
}

interface SystemRow extends Record<string, unknown> {
  source: string;
  definition: SourceDefinition;
  status: string;
  finalised: boolean;
}

interface CountRow extends Record<string, unknown> {
  source: string;
  day: string;
  waiting: number;
  adopted: number;
  other: number;
  counted_at: Date;
}

/** Every system on record: what it is, how far it is, and its latest run. */
export async function readSystems(db: Database): Promise<readonly SystemProgress[]> {
  const [sources, counts, runs, live] = await Promise.all([
    db.query<SystemRow>({
      text: `SELECT source, definition, status, finalised_at IS NOT NULL AS finalised
             FROM sources LEFT JOIN source_sides USING (source) ORDER BY source`,
    }),
    db.query<CountRow>({
      text: `SELECT DISTINCT ON (source) source, waiting, adopted, other, counted_at
             FROM source_progress ORDER BY source, day DESC`,
    }),
    db.query<{ source: string; run_id: string; state: string; at: Date }>({
      text: `SELECT DISTINCT ON (p.source) p.source, r.run_id, r.state, r.state_since AS at
             FROM run_parts p JOIN runs r USING (run_id) ORDER BY p.source, r.planned_at DESC`,
    }),
    db.query<{ source: string; run_id: string }>({ text: 'SELECT source, run_id FROM source_runs' }),
  ]);
  const countOf = new Map(counts.map((row) => [row.source, row]));
  const lastOf = new Map(runs.map(({ source, run_id: runId, state, at }) => [source, { runId, state, at }]));
  const liveOf = new Map(live.map(({ source, run_id: runId }) => [source, runId]));
  return sources.map(({ source, definition, status, finalised }) => {
    const { waiting = 0, adopted = 0, other = 0, counted_at: countedAt } = countOf.get(source) ?? {};
    const liveRun = liveOf.get(source);
    return {
      source,
      name: definition.name,
      department: definition.department,
      method: definition.adapter?.method,
      isSuspended: status === 'suspended',
      waiting,
      adopted,
      other,
      state: finalised ? 'done' : stateOf({ waiting, adopted, other }, liveRun !== undefined),
      liveRun,
      lastRun: lastOf.get(source),
      countedAt,
    };
  });
}

function stateOf({ waiting, adopted, other }: Counted, hasRun: boolean): SystemState {
  if (hasRun || waiting > 0) return 'moving';
  return adopted + other > 0 ? 'done' : 'waiting';
}

/** One row for each day on which it was counted, the oldest first; two years at most. */
export async function readHistory(db: Database, source: string): Promise<readonly DayProgress[]> {
  const rows = await db.query<CountRow>({
    text: `SELECT source, day::text AS day, waiting, adopted, other, counted_at FROM source_progress
           WHERE source = $1 ORDER BY day DESC LIMIT 730`,
    values: [source],
  });
  return rows
    .map(({ day, waiting, adopted, other, counted_at: countedAt }) => ({ day, waiting, adopted, other, countedAt }))
    .toReversed();
}
