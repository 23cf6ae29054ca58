import type { Database } from '../../platform/postgres/database.ts';
import { findSource } from '../sources/source-store.ts';

/** An old account that is part of an account. */
export interface LinkedOldAccount {
  readonly source: string;
  readonly sourceName: { readonly en: string; readonly cy?: string | undefined };
  readonly linkedAt: Date;
}

/** The live links of an account, oldest first. Says which systems, never the old ids. */
export function createLinksOf(db: Database): (accountId: string) => Promise<readonly LinkedOldAccount[]> {
  return async (accountId) => {
    const rows = await db.query<{ source: string; linked_at: Date }>({
      name: 'links-of',
      text: 'SELECT source, linked_at FROM links WHERE account_id = $1 AND undone_at IS NULL ORDER BY linked_at',
      values: [accountId],
    });
    return Promise.all(
      rows.map(async ({ source, linked_at: linkedAt }) => {
        const found = await findSource(db, source);
        return { source, sourceName: found?.definition.name ?? { en: source }, linkedAt };
      }),
    );
  };
}
