import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { findSource } from '../sources/source-store.ts';
import { readLinks } from './link-rows.ts';

export interface LegacyIdsRequest {
  readonly accountId: string;
  /** Of the service that is to be told, as it is registered. */
  readonly sector: string;
  readonly sources: readonly string[];
}

export interface LegacyId {
  readonly source: string;
  readonly id: string;
}

/**
 * The old ids of links that stand, for a service that must find a person among its own old records (linking-attacks 37).
 * Only of sources that the service is registered with; of those that name the sectors which knew their ids, only when its
 * sector is one of them.
 */
export async function legacyIdsOf(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  { accountId, sector, sources }: LegacyIdsRequest,
): Promise<readonly LegacyId[]> {
  if (sources.length === 0) return [];
  const links = (await readLinks(db, accountId)).filter(({ undone, source }) => !undone && sources.includes(source));
  const ids: LegacyId[] = [];
  for (const { source, legacyKey } of links) {
    const [found, legacy] = await Promise.all([findSource(db, source), readLegacyAccount(db, legacyKey)]);
    const sectors = found?.definition.sectors ?? [];
    if (!found || legacy?.accountId !== accountId || (sectors.length > 0 && !sectors.includes(sector))) continue;
    ids.push({ source, id: openPersonal(keyRing, legacyKey, legacy).id });
  }
  return ids;
}
