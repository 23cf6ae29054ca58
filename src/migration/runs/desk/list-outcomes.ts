import type { Queryable } from '../../../platform/postgres/database.ts';
import { type LineRange, linesOf, type OutcomeGroup } from '../phases/outcome-groups.ts';
import type { OutcomeRow, OutcomesAsked, OutcomesPage } from './run-types.ts';

interface BatchRow extends Record<string, unknown> {
  part: number;
  batch: number;
  outcomes: readonly OutcomeGroup[];
  undone:
    | readonly { readonly undone: NonNullable<OutcomeRow['undone']>; readonly lines: readonly LineRange[] }[]
    | null;
}

const MAX_LIMIT = 10_000;
const BATCHES_AT_ONCE = 20;

interface Place {
  readonly part: number;
  readonly batch: number;
  readonly line: number;
}
type PlacedRow = OutcomeRow & Place;

const START: Place = { part: 0, batch: 0, line: -1 };

/** What became of the rows of a run, in the order of its files, a page at a time. */
export async function listOutcomes(queryable: Queryable, asked: OutcomesAsked): Promise<OutcomesPage> {
  const limit = Math.min(asked.limit, MAX_LIMIT);
  const rows: PlacedRow[] = [];
  let from = asked.after ?? START;
  for (;;) {
    const batches = await readBatches(queryable, asked, from);
    const isAfter = createIsAfter(from);
    rows.push(...batches.flatMap((batch) => rowsOf(batch, asked)).filter(isAfter));
    const last = batches.at(-1);
    if (rows.length > limit || !last || batches.length < BATCHES_AT_ONCE) return pageOf(rows, limit);
    from = { part: last.part, batch: last.batch + 1, line: -1 };
  }
}

const createIsAfter =
  ({ part, batch, line }: Place) =>
  (row: PlacedRow): boolean =>
    row.part !== part || row.batch !== batch || row.line > line;

function pageOf(rows: readonly PlacedRow[], limit: number): OutcomesPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last ? { part: last.part, batch: last.batch, line: last.line } : undefined;
  return {
    rows: page.map(({ part, line, outcome, code, undone }) => ({ part, line, outcome, code, undone })),
    next,
  };
}

function readBatches(
  queryable: Queryable,
  { runId, pass, outcome, undone }: OutcomesAsked,
  from: { readonly part: number; readonly batch: number },
): Promise<BatchRow[]> {
  const [table, undoneColumn] = pass === 'run' ? ['run_batches', 'undone'] : ['run_rehearsals', 'NULL::jsonb'];
  return queryable.query<BatchRow>({
    text: `SELECT part, batch, outcomes, ${undoneColumn} AS undone FROM ${table}
           WHERE run_id = $1 AND outcomes IS NOT NULL AND (part, batch) >= ($2, $3)
             AND ($4::jsonb IS NULL OR outcomes @> $4) AND ($5::jsonb IS NULL OR ${undoneColumn} @> $5)
           ORDER BY part, batch LIMIT $6`,
    values: [
      runId,
      from.part,
      from.batch,
      outcome === undefined ? null : JSON.stringify([{ outcome }]),
      undone === undefined ? null : JSON.stringify([{ undone }]),
      BATCHES_AT_ONCE,
    ],
  });
}

function rowsOf({ part, batch, outcomes, undone }: BatchRow, asked: OutcomesAsked): PlacedRow[] {
  const backOf = new Map(
    (undone ?? []).flatMap((group) => [...linesOf(group.lines)].map((line) => [line, group.undone])),
  );
  return outcomes
    .filter(({ outcome }) => asked.outcome === undefined || outcome === asked.outcome)
    .flatMap(({ outcome, code, lines }) =>
      [...linesOf(lines)].map((line) => ({ part, batch, line, outcome, code, undone: backOf.get(line) })),
    )
    .filter((row) => asked.undone === undefined || row.undone === asked.undone)
    .toSorted((a, b) => a.line - b.line);
}
