import type { Transaction } from '../../../platform/postgres/database.ts';
import type { MatchedRow } from './match-batch.ts';
import type { BatchPlace } from './batch-keys.ts';

/** The ledger is not what it was when the batch was matched: match it again. */
export class StaleMatchError extends Error {}

export interface Applying {
  readonly place: BatchPlace;
  readonly source: string;
  readonly importId: string;
  /** imported_at: of the run, however often its work was taken up again. */
  readonly at: Date;
}

type ChangedRow = MatchedRow & Required<Pick<MatchedRow, 'seen'>>;

/** Writes what was decided of a staged batch into the ledger, all of it or nothing. @throws StaleMatchError */
export async function applyBatch(tx: Transaction, applying: Applying, rows: readonly MatchedRow[]): Promise<void> {
  const changes = rows.filter((row): row is ChangedRow => row.effect === 'change' && row.seen !== undefined);
  if (changes.length > 0) await keepBefore(tx, applying, changes);
  await releaseLogins(tx, changes);
  const inserts = rows.filter(({ effect }) => effect === 'insert').map(({ line }) => line);
  const claims = rows.filter((row) => row.claims).map(({ line }) => line);
  const wrote = await insertStaged(tx, applying, { inserts, claims });
  if (wrote.inserted !== inserts.length || wrote.claimed !== claims.length) throw new StaleMatchError();
  if (changes.length > 0) await changeRows(tx, applying, changes);
}

/** Which lines of a batch; null: all of them, which spares the list. */
type Lines = readonly number[] | null;

/** Rows go in, and user names are claimed, in the order of their keys: two batches at once cannot wait for each other. */
export async function insertStaged(
  tx: Transaction,
  { place, source, importId, at }: Applying,
  { inserts, claims }: { readonly inserts: Lines; readonly claims: Lines },
): Promise<{ readonly inserted: number; readonly claimed: number }> {
  const { runId, part, batch } = place;
  const [claimed] = await tx.query<{ n: number }>({
    name: 'run-claim-logins',
    text: `WITH claimed AS (
             INSERT INTO legacy_login_names (login_key, legacy_key, source)
             SELECT login_key, legacy_key, $5 FROM run_staged
             WHERE run_id = $1 AND part = $2 AND batch = $3 AND ($4::bigint[] IS NULL OR line = ANY($4))
             ORDER BY login_key
             ON CONFLICT (login_key) DO NOTHING RETURNING 1)
           SELECT count(*)::int AS n FROM claimed`,
    values: [runId, part, batch, claims, source],
  });
  const [inserted] = await tx.query<{ n: number }>({
    name: 'run-insert',
    text: `WITH inserted AS (
             INSERT INTO legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed,
                                          verifier_sealed, scheme, row_digest, import_id, imported_at)
             SELECT legacy_key, $5, CASE source_status WHEN 'refused' THEN 'refused' ELSE 'waiting' END,
                    CASE source_status WHEN 'active' THEN 'active' ELSE 'disabled' END, data_key, personal_sealed,
                    verifier_sealed, scheme, row_digest, $6::uuid, $7::timestamptz
             FROM run_staged
             WHERE run_id = $1 AND part = $2 AND batch = $3 AND ($4::bigint[] IS NULL OR line = ANY($4))
             ORDER BY legacy_key
             ON CONFLICT (legacy_key) DO NOTHING RETURNING 1)
           SELECT count(*)::int AS n FROM inserted`,
    values: [runId, part, batch, inserts, source, importId, at],
  });
  return { inserted: inserted?.n ?? 0, claimed: claimed?.n ?? 0 };
}

/** Holds the rows to be changed and keeps them as they are. One that was adopted meanwhile makes the match stale (F21). */
async function keepBefore(tx: Transaction, { place }: Applying, changes: readonly ChangedRow[]): Promise<void> {
  const kept = await tx.query<{ legacy_key: Buffer; row_digest: Buffer }>({
    name: 'run-keep-before',
    text: `WITH held AS (
             SELECT * FROM legacy_accounts WHERE legacy_key = ANY($4::bytea[]) AND state IN ('waiting', 'refused')
             ORDER BY legacy_key FOR UPDATE)
           INSERT INTO run_before (run_id, part, batch, legacy_key, login_key, state, source_status, data_key,
                                   personal_sealed, verifier_sealed, scheme, row_digest, import_id, imported_at)
           SELECT $1, $2, $3, held.legacy_key, t.login_key, state, source_status, data_key, personal_sealed,
                  verifier_sealed, scheme, row_digest, import_id, imported_at
           FROM held JOIN unnest($4::bytea[], $5::bytea[]) AS t (legacy_key, login_key) USING (legacy_key)
           RETURNING legacy_key, row_digest`,
    values: [
      place.runId,
      place.part,
      place.batch,
      changes.map(({ legacyKey }) => legacyKey),
      changes.map(({ seen }) => seen.loginKey),
    ],
  });
  const digests = new Map(kept.map((row) => [row.legacy_key.toString('hex'), row.row_digest]));
  for (const { legacyKey, seen } of changes)
    if (!digests.get(legacyKey.toString('hex'))?.equals(seen.digest)) throw new StaleMatchError();
}

async function releaseLogins(tx: Transaction, changes: readonly ChangedRow[]): Promise<void> {
  const renamed = changes.filter(isRenamed);
  if (renamed.length === 0) return;
  await tx.query({
    text: `DELETE FROM legacy_login_names AS l USING unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           WHERE l.login_key = t.login_key AND l.legacy_key = t.legacy_key`,
    values: [renamed.map(({ seen }) => seen.loginKey), renamed.map(({ legacyKey }) => legacyKey)],
  });
}

export const isRenamed = ({ loginKey, seen }: MatchedRow): boolean =>
  seen !== undefined && !seen.loginKey.equals(loginKey);

interface NewValues extends Record<string, unknown> {
  legacy_key: Buffer;
  source_status: string;
  data_key: Buffer;
  personal_sealed: Buffer;
  verifier_sealed: Buffer | null;
  scheme: string | null;
  row_digest: Buffer;
}

/** Read, then written by key: staged rows and the ledger are spread over the shards in different ways (S4). */
async function changeRows(tx: Transaction, applying: Applying, changes: readonly ChangedRow[]): Promise<void> {
  const { place, importId, at } = applying;
  const rows = await tx.query<NewValues>({
    text: `SELECT legacy_key, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest
           FROM run_staged WHERE run_id = $1 AND part = $2 AND batch = $3 AND line = ANY($4::bigint[])`,
    values: [place.runId, place.part, place.batch, changes.map(({ line }) => line)],
  });
  await tx.query({
    name: 'run-change',
    text: `UPDATE legacy_accounts AS l
           SET state = CASE t.source_status WHEN 'refused' THEN 'refused' ELSE 'waiting' END,
               source_status = CASE t.source_status WHEN 'active' THEN 'active' ELSE 'disabled' END,
               data_key = t.data_key, personal_sealed = t.personal_sealed, verifier_sealed = t.verifier_sealed,
               scheme = t.scheme, row_digest = t.row_digest, import_id = $8, imported_at = $9
           FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[])
             AS t (legacy_key, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest)
           WHERE l.legacy_key = t.legacy_key AND l.state IN ('waiting', 'refused')`,
    values: [
      rows.map((row) => row.legacy_key),
      rows.map((row) => row.source_status),
      rows.map((row) => row.data_key),
      rows.map((row) => row.personal_sealed),
      rows.map((row) => row.verifier_sealed),
      rows.map((row) => row.scheme),
      rows.map((row) => row.row_digest),
      importId,
      at,
    ],
  });
}
