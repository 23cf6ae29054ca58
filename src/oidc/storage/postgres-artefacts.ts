import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { ArtefactKey, ArtefactStorage, StoredArtefact } from './artefact-storage.ts';
import { openJson, sealJson } from './sealed-json.ts';

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

/** Artefacts in Postgres: the durable models always, and all of them when there is no Redis or Redis is away. */
export function createPostgresArtefacts({ db, keyRing, now }: Deps): ArtefactStorage {
  const values = (key: ArtefactKey, payload: Record<string, unknown>, ttlSeconds: number): unknown[] => [
    key.digest,
    key.model,
    typeof payload['grantId'] === 'string' ? payload['grantId'] : null,
    sealJson(keyRing, key.model, payload),
    new Date(now().getTime() + ttlSeconds * 1000),
  ];

  return {
    async put(key, payload, ttlSeconds) {
      await db.query({ name: 'artefact-put', text: PUT, values: values(key, payload, ttlSeconds) });
    },
    async putOnce(key, payload, ttlSeconds) {
      const rows = await db.query({
        name: 'artefact-put-once',
        text: PUT_ONCE,
        values: [...values(key, payload, ttlSeconds), now()],
      });
      return rows.length === 1;
    },
    async find(key): Promise<StoredArtefact | undefined> {
      const [row] = await db.query<{ payload_sealed: Buffer; consumed_at: Date | null }>({
        name: 'artefact-find',
        text: FIND,
        values: [key.digest, now()],
      });
      return row && { payload: openJson(keyRing, key.model, row.payload_sealed), consumed: row.consumed_at !== null };
    },
    async consume(key, grantId) {
      const rows = await db.query({
        name: 'artefact-consume',
        text: CONSUME,
        values: [key.digest, now(), grantId ?? null],
      });
      return rows.length === 1;
    },
    async remove(key) {
      await db.query({ name: 'artefact-remove', text: REMOVE, values: [key.digest] });
    },
  };
}

const PUT = `
  INSERT INTO oidc_artefacts (artefact_key, model, grant_id, payload_sealed, expires_at)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (artefact_key) DO UPDATE SET payload_sealed = EXCLUDED.payload_sealed, expires_at = EXCLUDED.expires_at`;

// A row that expired but was not yet swept must not block a new one: it is replaced, and that too is atomic.
const PUT_ONCE = `
  INSERT INTO oidc_artefacts AS a (artefact_key, model, grant_id, payload_sealed, expires_at)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (artefact_key) DO UPDATE
    SET payload_sealed = EXCLUDED.payload_sealed, expires_at = EXCLUDED.expires_at, consumed_at = NULL
    WHERE a.expires_at <= $6
  RETURNING 1`;

const FIND = 'SELECT payload_sealed, consumed_at FROM oidc_artefacts WHERE artefact_key = $1 AND expires_at > $2';

const CONSUME = `
  UPDATE oidc_artefacts SET consumed_at = $2
  WHERE artefact_key = $1 AND consumed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM grants WHERE grant_id = $3 AND revoked_at IS NOT NULL)
  RETURNING 1`;

const REMOVE = 'DELETE FROM oidc_artefacts WHERE artefact_key = $1';
