import { Value } from 'typebox/value';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Source } from '../sources/definition.ts';
import { CutoverPlan } from './cutover-plan.ts';
import { assumedSides, Authority, type Sides, stageOf, type StopReason } from './sides.ts';

interface Row extends Record<string, unknown> {
  source: string;
  version: number;
  authority: unknown;
  when_away: Sides['whenAway'];
  shadow_since: Date | null;
  plan: unknown;
  step: number;
  step_since: Date | null;
  complaints: number;
  stopped_by: StopReason | null;
  stopped_at: Date | null;
  finalised_at: Date | null;
  changed_by: string;
  changed_at: Date;
}

/** How the sides of a source stand; read anew each time, so that a switch back counts from the next question on. */
export async function readSides(queryable: Queryable, { source, definition }: Source): Promise<Sides> {
  const [row] = await queryable.query<Row>({
    name: 'sides-read',
    text: 'SELECT * FROM source_sides WHERE source = $1',
    values: [source],
  });
  // Version 0 was only held: nobody has said anything yet.
  return row && row.version > 0 ? fromRow(row) : assumedSides(definition);
}

/** The same, held until the transaction ends: two who change it do so one after the other. */
export async function holdSides(tx: Transaction, source: Source, at: Date): Promise<Sides> {
  const assumed = assumedSides(source.definition);
  await tx.query({
    text: `INSERT INTO source_sides (source, version, authority, when_away, step, changed_by, changed_at)
           VALUES ($1, 0, $2::jsonb, $3, 0, 'system', $4) ON CONFLICT (source) DO NOTHING`,
    values: [source.source, JSON.stringify(assumed.authority), assumed.whenAway, at],
  });
  const [row] = await tx.query<Row>({
    text: 'SELECT * FROM source_sides WHERE source = $1 FOR UPDATE',
    values: [source.source],
  });
  return row && row.version > 0 ? fromRow(row) : assumed;
}

export interface ChangedBy {
  readonly by: string;
  readonly at: Date;
}

/** Writes the sides that `holdSides` gave, changed, as their next version. */
export async function writeSides(tx: Transaction, sides: Sides, { by, at }: ChangedBy): Promise<Sides> {
  const [row] = await tx.query<Row>({
    text: `UPDATE source_sides
           SET version = version + 1, authority = $2::jsonb, when_away = $3, shadow_since = $4, plan = $5::jsonb, step = $6,
               step_since = $7, complaints = $8, stopped_by = $9, stopped_at = $10, finalised_at = $11, changed_by = $12,
               changed_at = $13
           WHERE source = $1 RETURNING *`,
    values: [
      sides.source,
      JSON.stringify(sides.authority),
      sides.whenAway,
      sides.shadowSince ?? null,
      sides.plan ? JSON.stringify(sides.plan) : null,
      sides.step,
      sides.stepSince ?? null,
      sides.complaints,
      sides.stopped?.by ?? null,
      sides.stopped?.at ?? null,
      sides.finalisedAt ?? null,
      by,
      at,
    ],
  });
  if (!row) throw new Error('sides are written only while they are held');
  return fromRow(row);
}

/** Sources of which some people are served by the new side: those that are watched. */
export async function sourcesCuttingOver(queryable: Queryable): Promise<readonly string[]> {
  const rows = await queryable.query<{ source: string }>({
    name: 'sides-cutting-over',
    text: 'SELECT source FROM source_sides WHERE step > 0 ORDER BY source',
  });
  return rows.map(({ source }) => source);
}

function fromRow(row: Row): Sides {
  const kept = {
    source: row.source,
    version: row.version,
    authority: Value.Parse(Authority, row.authority),
    whenAway: row.when_away,
    shadowSince: row.shadow_since ?? undefined,
    plan: row.plan === null ? undefined : Value.Parse(CutoverPlan, row.plan),
    step: row.step,
    stepSince: row.step_since ?? undefined,
    complaints: row.complaints,
    stopped: row.stopped_by && row.stopped_at ? { by: row.stopped_by, at: row.stopped_at } : undefined,
    finalisedAt: row.finalised_at ?? undefined,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  };
  return { ...kept, stage: stageOf(kept) };
}
