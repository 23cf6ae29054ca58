import type { SourceMeta } from '../sources/source-store.ts';
import { changeSides, type Changed, type Refused, refused, type SidesDependencies } from './change-sides.ts';
import { type Authority, ATTRIBUTES, type Sides, takesTyped } from './sides.ts';

export interface AuthorityChange {
  readonly authority?: Partial<Authority>;
  readonly whenAway?: Sides['whenAway'];
}

/** Says which side is believed about what. One person can, as one can take it back. @throws `not_found` */
export function setAuthority(
  deps: SidesDependencies,
  key: string,
  change: AuthorityChange,
  meta: SourceMeta,
): Promise<Changed | Refused> {
  return changeSides<Refused>(deps, key, meta, async (_tx, { source, sides }) => {
    if (sides.finalisedAt) return refused('finalised');
    const authority = { ...sides.authority, ...change.authority };
    const isNewlyOld = ATTRIBUTES.some((name) => change.authority?.[name] === 'old');
    if (isNewlyOld && !takesTyped(source.definition)) return refused('nobody-to-ask');
    const whenAway = change.whenAway ?? sides.whenAway;
    return {
      sides: { ...sides, authority, whenAway },
      type: 'source.authority-set',
      detail: { ...authority, whenAway },
    };
  });
}
