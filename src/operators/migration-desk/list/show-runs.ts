import type { RunSummary } from '../../../migration/index.ts';
import type { Translate } from '../../../platform/pages/translations.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { type Formats, formatsFor } from '../../insight/formats.ts';
import type { DeskDeps } from '../desk-deps.ts';
import { outcomeBar } from '../run/outcome-bar.ts';
import { stateTone } from '../run/state-tone.ts';

const RUNS_LISTED = 200;

/** The newest runs, what became of them, and which wait for somebody. */
export async function showRuns({ migration, pages }: DeskDeps, visit: OperatorVisit): Promise<unknown> {
  const { source } = visit.query;
  const runs = await migration.runs.list({ ...(source !== undefined && { source }), limit: RUNS_LISTED });
  const view = { t: pages.translate(visit.language), formats: formatsFor(visit.language) };
  const isMine = (run: RunSummary): boolean =>
    run.state === 'rehearsed' &&
    visit.operator.permissions.has('runs.approve') &&
    run.plannedBy !== visit.operator.actor;
  return visit.show('operators/migration-desk/list/runs.njk', {
    source,
    toApprove: runs.filter(isMine).map((run) => rowOf(run, view)),
    runs: runs.map((run) => rowOf(run, view)),
  });
}

const SOURCES_NAMED = 2;

function rowOf(run: RunSummary, { t, formats }: { readonly t: Translate; readonly formats: Formats }): object {
  const { runId, title, state, pausedAt, sources, outcomes, rows, plannedBy, plannedAt } = run;
  return {
    runId,
    title,
    state: t(`operators.migrationDesk.states.${state}`),
    tone: stateTone(state),
    isPaused: pausedAt !== undefined,
    sources: sources.slice(0, SOURCES_NAMED).join(', '),
    more: Math.max(0, sources.length - SOURCES_NAMED),
    rows: formats.number(rows),
    bar: outcomes && outcomeBar({ id: `run-${runId}`, title, outcomes, t, formats, small: true }).svg,
    by: plannedBy.replace(/^operator:/, ''),
    at: formats.time(plannedAt),
  };
}
