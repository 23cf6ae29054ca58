import type { CutoverStatus, Migration, SidesRequests, Source } from '../../migration/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Pages } from '../../platform/pages/create-pages.ts';
import type { OperatorVisit } from '../access/operator-scope.ts';

export interface SidesDeps {
  readonly migration: Pick<Migration, 'sideBySide' | 'sources'>;
  readonly pages: Pick<Pages, 'translate'>;
}

export type SidesVisit = OperatorVisit<{ readonly source: string }>;

/** Where old and new of one system stand now. */
export interface Standing {
  readonly source: Source;
  readonly status: CutoverStatus;
  /** What waits for a second person. */
  readonly requests: SidesRequests;
}

/** @throws LatchkeyError `not_found` */
export async function needSource({ migration }: Pick<SidesDeps, 'migration'>, key: string): Promise<Source> {
  const source = await migration.sources.find(key);
  if (source === undefined) throw new LatchkeyError('not_found', 'There is no such system.');
  return source;
}

/** @throws LatchkeyError `not_found` */
export async function needStanding(deps: Pick<SidesDeps, 'migration'>, key: string): Promise<Standing> {
  const { sideBySide } = deps.migration;
  const source = await needSource(deps, key);
  const [status, requests] = await Promise.all([sideBySide.cutover.status(key), sideBySide.requests(key)]);
  return { source, status, requests };
}

export const sidesPath = (source: string): string => `/operators/systems/${encodeURIComponent(source)}/sides`;
