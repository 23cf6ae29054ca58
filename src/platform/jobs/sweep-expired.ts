import type { Database } from '../postgres/database.ts';

/** Tables whose rows mean nothing after `expires_at`, with the column that finds a row. */
const PERISHABLE = {
  oidc_artefacts: 'artefact_key',
  journeys: 'journey_id',
  one_time_codes: 'challenge_id',
  attempt_counters: 'counter_key',
  grants: 'grant_id',
  legacy_proofs: 'proof_key',
  legacy_vouchers: 'voucher_key',
  legacy_attestations: 'attestation_key',
  legacy_replays: 'replay_key',
  legacy_returns: 'return_key',
  link_attempts: 'attempt_id',
  account_proofs: 'proof_key',
  contact_changes: 'account_id',
  operator_challenges: 'challenge_key',
} as const;

export type PerishableTable = keyof typeof PERISHABLE;

const BATCH = 500;
const MOST_BATCHES = 200;

/**
 * Deletes rows that ran out before `before`: reads a list of keys, then deletes by key (rule S11), in small statements so
 * that nothing waits for them. Returns how many went.
 */
export async function sweepExpired(
  db: Database,
  table: PerishableTable,
  before: Date,
  signal?: AbortSignal,
): Promise<number> {
  const key = PERISHABLE[table];
  let swept = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    if (signal?.aborted) break;
    const expired = await db.query({
      text: `SELECT ${key} AS key FROM ${table} WHERE expires_at < $1 LIMIT ${BATCH}`,
      values: [before],
    });
    if (expired.length === 0) break;
    const gone = await db.query({
      text: `DELETE FROM ${table} WHERE ${key} = ANY($1) AND expires_at < $2 RETURNING 1`,
      values: [expired.map((row) => row['key']), before],
    });
    swept += gone.length;
    if (expired.length < BATCH) break;
  }
  return swept;
}
