import { ROW_OUTCOMES } from '../../../migration/index.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { sayCode } from '../run/say-codes.ts';
import { readRowsAsked, wordOf } from './read-rows-asked.ts';

const ROWS_A_PAGE = 100;

/** What became of each row: its line in the file, and nothing that stands in it. */
export async function showRows(deps: DeskDeps, visit: OperatorVisit<{ readonly id: string }>): Promise<unknown> {
  const run = await needRun(deps, visit.params.id);
  const t = deps.pages.translate(visit.language);
  const { number } = formatsFor(visit.language);
  const asked = readRowsAsked(run.runId, visit.query, ROWS_A_PAGE);
  const { rows, next } = await deps.migration.runs.outcomes(asked);
  const nameOf = new Map(run.parts.map(({ part, sourceName }) => [part, sourceName]));
  const here = `/operators/runs/${run.runId}/rows`;
  const { pass, outcome, undone } = asked;
  const query = new URLSearchParams({ pass, ...(outcome && { outcome }), ...(undone && { undone }) });
  return visit.show('operators/migration-desk/rows/rows.njk', {
    title: run.title,
    pass,
    outcome: outcome ?? '',
    undone: undone ?? '',
    outcomes: ['', ...ROW_OUTCOMES].map((value) => ({
      value,
      text: t(value === '' ? 'operators.insight.systems.any' : `operators.migrationDesk.outcomes.${value}`),
      selected: value === (outcome ?? ''),
    })),
    passes: ['run', 'rehearsal'].map((value) => ({
      value,
      text: t(`operators.migrationDesk.rows.passes.${value}`),
      selected: value === pass,
    })),
    rows: rows.map((row) => ({
      system: nameOf.get(row.part) ?? row.part,
      line: number(row.line),
      outcome: t(`operators.migrationDesk.outcomes.${row.outcome}`),
      code: row.code,
      words: row.code && sayCode(t, row.code),
      undone: row.undone && t(`operators.migrationDesk.undo.${row.undone}`),
    })),
    isFirst: asked.after === undefined,
    firstHref: `${here}?${query.toString()}`,
    nextHref: next && `${here}?${query.toString()}&after=${wordOf(next)}`,
    backLink: `/operators/runs/${run.runId}`,
  });
}
