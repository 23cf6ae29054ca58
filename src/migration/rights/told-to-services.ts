import type { Accounts, OrganisationRole } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { findSource } from '../sources/source-store.ts';
import { type HeldRights, rightsOf } from './rights-of-account.ts';

export interface ToldDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly now: () => Date;
}

/** A service that asks, as it is registered. */
export interface ServiceAsks {
  readonly accountId: string;
  readonly sector: string;
  readonly sources: readonly string[];
}

/** Whom somebody acts for, as a service is told: by the old ids that it knows. */
export interface ActsFor {
  readonly rights: readonly {
    readonly source: string;
    readonly kind: 'client' | 'organisation';
    readonly id: string;
    readonly right: string;
    readonly until?: string;
  }[];
  /** False: there are more than are listed here. */
  readonly complete: boolean;
}

export interface ToldOrganisation {
  readonly source: string;
  /** The old id of the shared account. */
  readonly id: string;
  readonly name: string;
  readonly role: OrganisationRole;
}

/** In a token there is no room for more. */
const MOST = 200;

/** Sources that a service may hear of: it is registered with them, and they name its sector. Without a sector nobody is told. */
async function sourcesFor(db: Database, { sector, sources }: ServiceAsks): Promise<readonly string[]> {
  const found = await Promise.all(sources.map((source) => findSource(db, source)));
  return found.flatMap((source) => (source?.definition.sectors.includes(sector) ? [source.source] : []));
}

export async function actsForAt(deps: ToldDependencies, asks: ServiceAsks): Promise<ActsFor> {
  const only = await sourcesFor(deps.db, asks);
  const held: HeldRights = await rightsOf(deps, { accountId: asks.accountId, only, limit: MOST });
  const rights = held.rights.map(({ source, kind, client, right, until }) => ({
    source,
    kind,
    id: client,
    right,
    ...(until && { until: until.toISOString() }),
  }));
  return { rights, complete: held.isComplete };
}

export async function organisationsAt(
  { db, keyRing, accounts }: ToldDependencies,
  asks: ServiceAsks,
): Promise<readonly ToldOrganisation[]> {
  const only = await sourcesFor(db, asks);
  if (only.length === 0) return [];
  const memberships = await accounts.organisations.of(asks.accountId);
  const told = await Promise.all(
    memberships
      .filter(({ origin }) => only.includes(origin.source))
      .map(async ({ origin, name, role }) => {
        const row = await readLegacyAccount(db, origin.key);
        return row && { source: origin.source, id: openPersonal(keyRing, origin.key, row).id, name, role };
      }),
  );
  return told.filter((one) => one !== undefined);
}
