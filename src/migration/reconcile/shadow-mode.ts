import { changeSides, type Changed, type Refused, refused, type SidesDependencies } from '../cutover/change-sides.ts';
import { takesTyped } from '../cutover/sides.ts';
import type { SourceMeta } from '../sources/source-store.ts';

/** Begins to look at both sides and to compare them; what was counted before is forgotten. @throws `not_found` */
export function beginShadowMode(deps: SidesDependencies, key: string, meta: SourceMeta): Promise<Changed | Refused> {
  return changeSides<Refused>(deps, key, meta, async (tx, { source, sides }) => {
    if (sides.finalisedAt) return refused('finalised');
    if (!takesTyped(source.definition)) return refused('nobody-to-ask');
    if (source.definition.scheme === 'none') return refused('nothing-imported');
    if (sides.shadowSince) return refused('under-way');
    await tx.query({ text: 'DELETE FROM shadow_counts WHERE source = $1', values: [key] });
    await tx.query({ text: 'DELETE FROM shadow_disagreements WHERE source = $1', values: [key] });
    return { sides: { ...sides, shadowSince: deps.now() }, type: 'source.shadow-begun' };
  });
}

/** Stops comparing; the report stays. @throws `not_found` */
export function endShadowMode(deps: SidesDependencies, key: string, meta: SourceMeta): Promise<Changed | Refused> {
  return changeSides<Refused>(deps, key, meta, async (_tx, { sides }) => {
    if (!sides.shadowSince) return refused('at-the-beginning');
    return { sides: { ...sides, shadowSince: undefined }, type: 'source.shadow-ended' };
  });
}
