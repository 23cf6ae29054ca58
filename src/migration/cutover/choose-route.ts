import type { LiveSource } from '../../legacy/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { liveSourceOf } from '../proving/live-source.ts';
import type { Source } from '../sources/definition.ts';
import { isMoved, routeOf, type Served } from './route-of.ts';
import { readSides } from './side-rows.ts';
import { type Sides, takesTyped } from './sides.ts';

export interface Route {
  readonly served: Served;
  readonly sides: Sides;
  readonly live: LiveSource;
  /** Whether the cut-over has reached this person. */
  readonly moved: boolean;
}

export interface Comer {
  readonly source: Source;
  /** As the source compares it. */
  readonly login: string;
  readonly way: 'old-password' | 'old-system';
}

/** Whose word counts for somebody who types a name and a password. Undefined: there is nobody to ask but ourselves. */
export async function chooseRoute(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  { source, login, way }: Comer,
): Promise<Route | undefined> {
  if (!takesTyped(source.definition)) return undefined;
  const sides = await readSides(db, source);
  const live = liveSourceOf(source, sides);
  if (!live) return undefined;
  const moved = isMoved(keyRing, sides, login);
  return { served: routeOf(sides, way, moved), sides, live, moved };
}
