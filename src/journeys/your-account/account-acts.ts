import type { Static, TSchema } from 'typebox';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Queryable } from '../../platform/postgres/database.ts';
import { createStateStore, type JourneyKey } from '../engine/journey-store.ts';
import type { AccountVisit } from './account-visit.ts';

/** How far the citizen is with something that takes several pages. */
export interface ActState<Facts> {
  /** Goes with the forms: one that another tab has outrun does nothing. */
  readonly version: number;
  readonly facts: Facts;
}

/** What such pages have learned since the password was entered, sealed, for this browser and this sign-in only. */
export interface AccountAct<Facts> {
  read(visit: AccountVisit): Promise<ActState<Facts>>;
  /** False: another tab was first, and nothing is written. */
  write(queryable: Queryable, visit: AccountVisit, state: ActState<Facts>): Promise<boolean>;
}

const LIFETIME_MS = 30 * 60 * 1000;

export function createAccountAct<Schema extends TSchema>(
  deps: { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date },
  name: string,
  { schema, nothing }: { readonly schema: Schema; readonly nothing: Static<Schema> },
): AccountAct<Static<Schema>> {
  const store = createStateStore(deps.keyRing, deps.now, { schema, restart: nothing });
  const keyOf = ({ place }: AccountVisit): JourneyKey => ({
    // The browser is part of the id: a session that lost its browser's cookie begins anew instead of being stuck.
    id: `${name}:${place.browserKey}`,
    browserKey: Buffer.from(place.browserKey, 'hex'),
  });
  return {
    async read(visit) {
      const loaded = await store.load(deps.db, keyOf(visit));
      if (loaded.outcome !== 'found') return { version: 0, facts: nothing };
      return { version: loaded.journey.version, facts: loaded.journey.state };
    },
    write: (queryable, visit, { version, facts }) => {
      const expiresAt = new Date(visit.session.authTime.getTime() + LIFETIME_MS);
      return store.save(queryable, keyOf(visit), { version, state: facts, expiresAt });
    },
  };
}
