import type { LiveSource } from '../../legacy/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';

/** What the adapter of a source is made from; undefined where the source has none. */
export function liveSourceOf({ source, version, definition }: Source): LiveSource | undefined {
  const { adapter, identifier } = definition;
  return adapter && { source, version, identifierLabel: identifier.label, settings: adapter };
}

/** @throws LatchkeyError `not_found` */
export async function needLiveSource(db: Database, key: string): Promise<LiveSource> {
  const source = await findSource(db, key);
  const live = source && liveSourceOf(source);
  if (live) return live;
  throw new LatchkeyError('not_found', `There is no source "${key}" with a sign-in method of its own.`);
}
