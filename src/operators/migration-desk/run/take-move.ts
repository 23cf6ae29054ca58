import { type DeskDeps, needRun } from '../desk-deps.ts';
import { type MoveFields, type MoveName, MOVES } from './run-moves.ts';
import { type RunVisit, showRun } from './show-run.ts';

/** Asks for a move, and shows the run after it, or why it was refused. */
export async function takeMove(
  deps: DeskDeps,
  { visit, move }: { readonly visit: RunVisit; readonly move: MoveName },
  fields: MoveFields,
): Promise<unknown> {
  const { runId } = await needRun(deps, visit.params.id);
  const meta = { actor: visit.operator.actor, correlationId: visit.request.id };
  const moved = await MOVES[move].make(deps.migration.runs, runId, meta, fields);
  if (moved.outcome === 'refused') return showRun(deps, visit, { move, reason: moved.reason });
  return visit.reply.redirect(`/operators/runs/${runId}?live=on`, 303);
}
