import { type MoveFields, type MoveName, MOVES } from './moves.ts';
import { sayRefusal } from './say-refusal.ts';
import { showSides } from './show-sides.ts';
import { needSource, type SidesDeps, sidesPath, type SidesVisit } from './sides-deps.ts';

/** Asks for a move, and shows how the sides stand after it, or why it was refused. */
export async function takeMove(
  deps: SidesDeps,
  { visit, move }: { readonly visit: SidesVisit; readonly move: MoveName },
  { evidence = '' }: MoveFields,
): Promise<unknown> {
  const { source } = await needSource(deps, visit.params.source);
  const meta = { actor: visit.operator.actor, correlationId: visit.request.id };
  const made = await MOVES[move].make(deps.migration.sideBySide, source, { meta, evidence });
  if (made.outcome === 'refused') return showSides(deps, visit, { error: sayRefusal(made.reason, move), evidence });
  if (made.outcome === 'nobody-moved') return showSides(deps, visit, { error: sayRefusal('nobody-moved'), evidence });
  return visit.reply.redirect(sidesPath(source), 303);
}
