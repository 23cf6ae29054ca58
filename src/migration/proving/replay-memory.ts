import type { Replays } from '../../legacy/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';

/** Replay memory of one old system's statements: true the first time, false ever after, on every node. */
export function createReplays(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  source: string,
): Replays {
  return {
    async once(key, until) {
      const rows = await db.query({
        name: 'legacy-replay',
        text: `INSERT INTO legacy_replays (replay_key, expires_at) VALUES ($1, $2)
               ON CONFLICT (replay_key) DO NOTHING RETURNING 1`,
        values: [keyRing.lookupKey('legacy-replay', source, key), until],
      });
      return rows.length === 1;
    },
  };
}
