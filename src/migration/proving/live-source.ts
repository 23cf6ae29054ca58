import type { LiveSource } from '../../legacy/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { readSides } from '../cutover/side-rows.ts';
import { hasLiveSystem, type Sides } from '../cutover/sides.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';

/**
 * What the adapter of a source is made from; undefined where there is none, or where none may be asked any more: whoever has
 * an old system at the address of one that was closed must not prove accounts with it (linking-attacks 9 and 36). Every
 * question to an old system begins here.
 */
export async function findLive(queryable: Queryable, source: Source): Promise<LiveSource | undefined> {
  const isLive = hasLiveSystem(source.definition);
  return liveSourceOf(source, isLive ? await readSides(queryable, source) : undefined);
}

/** The same for whoever has read the sides. */
export function liveSourceOf(
  { source, version, definition }: Source,
  sides: Sides | undefined,
): LiveSource | undefined {
  const { adapter, identifier } = definition;
  if (!adapter || sides?.stage === 'finalised') return undefined;
  return { source, version, identifierLabel: identifier.label, settings: adapter };
}

/** @throws LatchkeyError `not_found`, or `not_allowed` for a source that is finalised */
export async function needLiveSource(queryable: Queryable, key: string): Promise<LiveSource> {
  const source = await findSource(queryable, key);
  const live = source && (await findLive(queryable, source));
  if (live) return live;
  if (source?.definition.adapter)
    throw new LatchkeyError('not_allowed', `The source "${key}" is finalised: its old system is not asked any more.`);
  throw new LatchkeyError('not_found', `There is no source "${key}" with a sign-in method of its own.`);
}
