import type { Queryable } from '../../../platform/postgres/database.ts';
import type { OutcomeRow, OutcomesAsked, OutcomesPage } from './run-types.ts';

interface Row extends Record<string, unknown> {
  part: number;
  batch: number;
  line: number;
  outcome: OutcomeRow['outcome'];
  code: string | null;
  undone: NonNullable<OutcomeRow['undone']> | null;
}

const MAX_LIMIT = 10_000;

/** What became of the rows of a run, in the order of its files, a page at a time. */
export async function listOutcomes(queryable: Queryable, asked: OutcomesAsked): Promise<OutcomesPage> {
  const { runId, pass, outcome, undone, after, limit } = asked;
  const wanted = Math.min(limit, MAX_LIMIT);
  const rows = await queryable.query<Row>({
    text: `SELECT part, batch, line, outcome, code, undone FROM run_outcomes
           WHERE run_id = $1 AND pass = $2 AND ($3::text IS NULL OR outcome = $3) AND ($4::text IS NULL OR undone = $4)
             AND (part, batch, line) > ($5, $6, $7)
           ORDER BY part, batch, line LIMIT $8`,
    values: [
      runId,
      pass,
      outcome ?? null,
      undone ?? null,
      after?.part ?? -1,
      after?.batch ?? -1,
      after?.line ?? -1,
      wanted + 1,
    ],
  });
  const page = rows.slice(0, wanted);
  const last = page.at(-1);
  return {
    rows: page.map(({ part, line, outcome: became, code, undone: back }) => ({
      part,
      line,
      outcome: became,
      code: code ?? undefined,
      undone: back ?? undefined,
    })),
    next: rows.length > wanted && last ? { part: last.part, batch: last.batch, line: last.line } : undefined,
  };
}
