import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { JourneyStateSchema, type JourneyState } from './facts.ts';

/** Where a journey stands. Version 0 is one that no post has moved yet: it has no row. */
interface Stored<State> {
  readonly version: number;
  readonly state: State;
}

type Loaded<State> =
  | { readonly outcome: 'found'; readonly journey: Stored<State> }
  | { readonly outcome: 'none' }
  /** The journey is another browser's (guarantees.md X10). */
  | { readonly outcome: 'another-browser' };

interface Row extends Record<string, unknown> {
  readonly browser_key: Buffer;
  readonly state_sealed: Buffer;
  readonly version: number;
  readonly expires_at: Date;
}

export interface JourneyKey {
  readonly id: string;
  /** Hash of the cookie that may continue the journey. */
  readonly browserKey: Buffer;
}

/** Keeps what was learned between pages, sealed. */
export interface StateStore<State> {
  load(db: Queryable, key: JourneyKey): Promise<Loaded<State>>;
  /** Writes the state if nobody moved the journey since `version`. False: another tab was first. */
  save(db: Queryable, key: JourneyKey, change: { version: number; state: State; expiresAt: Date }): Promise<boolean>;
}

export type JourneyStore = StateStore<JourneyState>;

export const createJourneyStore = (keyRing: KeyRing, now: () => Date): JourneyStore =>
  createStateStore(keyRing, now, { schema: JourneyStateSchema, restart: { way: 'sign-in', facts: {} } });

/** `restart`: what is gone on with when the stored state is of another release and no longer fits. */
export function createStateStore<Schema extends TSchema>(
  keyRing: KeyRing,
  now: () => Date,
  { schema, restart }: { readonly schema: Schema; readonly restart: Static<Schema> },
): StateStore<Static<Schema>> {
  return {
    async load(db, key) {
      const [row] = await db.query<Row>({
        name: 'journey-load',
        text: 'SELECT browser_key, state_sealed, version, expires_at FROM journeys WHERE journey_id = $1',
        values: [key.id],
      });
      if (!row || row.expires_at <= now()) return { outcome: 'none' };
      if (!row.browser_key.equals(key.browserKey)) return { outcome: 'another-browser' };
      const state: unknown = JSON.parse(keyRing.open('journey', row.state_sealed, key.id).toString('utf8'));
      // A state of another release that no longer fits starts again: the citizen loses a page, never an account.
      if (!Value.Check(schema, state)) return { outcome: 'found', journey: { version: row.version, state: restart } };
      return { outcome: 'found', journey: { version: row.version, state } };
    },

    async save(db, key, { version, state, expiresAt }) {
      const sealed = keyRing.seal('journey', JSON.stringify(state), key.id);
      const rows = await db.query(version === 0 ? insert(key, sealed, expiresAt, now()) : update(key, sealed, version));
      return rows.length === 1;
    },
  };
}

const insert = (key: JourneyKey, sealed: Buffer, expiresAt: Date, createdAt: Date) => ({
  name: 'journey-insert',
  text: `INSERT INTO journeys (journey_id, browser_key, state_sealed, version, expires_at, created_at)
         VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT (journey_id) DO NOTHING RETURNING journey_id`,
  values: [key.id, key.browserKey, sealed, expiresAt, createdAt],
});

const update = (key: JourneyKey, sealed: Buffer, version: number) => ({
  name: 'journey-update',
  text: `UPDATE journeys SET state_sealed = $3, version = version + 1
         WHERE journey_id = $1 AND browser_key = $2 AND version = $4 RETURNING journey_id`,
  values: [key.id, key.browserKey, sealed, version],
});
