import { type CopiedRow, readTimestamp, uuidText } from '../../../platform/postgres/copy-binary.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { MatchedRow } from './match-batch.ts';
import { fieldOf, optionalFieldOf } from './staged-rows.ts';
import type { BatchPlace } from './batch-keys.ts';
import { type ClaimLogins, insertStaged, StaleMatchError } from './insert-rows.ts';

export interface Applying {
  readonly place: BatchPlace;
  readonly source: string;
  readonly claimLogins: ClaimLogins;
  readonly asOf: Date;
}

/** A row with what it is to become. */
export type DecidedRow = MatchedRow & { readonly staged: CopiedRow };
type ChangedRow = DecidedRow & Required<Pick<MatchedRow, 'seen'>>;

/** Writes what was decided of a staged batch into the ledger, all of it or nothing. @throws StaleMatchError */
export async function applyBatch(
  tx: Transaction,
  { place, source, claimLogins, asOf }: Applying,
  rows: readonly DecidedRow[],
): Promise<void> {
  const changes = rows.filter((row): row is ChangedRow => row.effect === 'change' && row.seen !== undefined);
  if (changes.length > 0) await keepBefore(tx, { place, asOf }, changes);
  await releaseLogins(tx, changes);
  const claims = rows.filter((row) => row.claims);
  if (claims.length > 0) await claimLogins(tx, source, claims);
  const inserts = rows.filter(({ effect }) => effect === 'insert').map(({ staged }) => staged);
  if (inserts.length > 0) await insertStaged(tx, inserts);
  if (changes.length > 0) await changeRows(tx, changes);
}

/** Holds the rows to be changed and keeps them as they are. One that was adopted meanwhile makes the match stale (F21). */
async function keepBefore(
  tx: Transaction,
  { place, asOf }: Pick<Applying, 'place' | 'asOf'>,
  changes: readonly ChangedRow[],
): Promise<void> {
  const kept = await tx.query<{ legacy_key: Buffer; row_digest: Buffer }>({
    name: 'run-keep-before',
    text: `WITH held AS (
             SELECT * FROM legacy_accounts WHERE legacy_key = ANY($4::bytea[]) AND state IN ('waiting', 'refused')
               AND (followed_at IS NULL OR followed_at <= $6)
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
      asOf,
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

async function changeRows(tx: Transaction, changes: readonly ChangedRow[]): Promise<void> {
  const text = (column: 'state' | 'source_status'): string[] =>
    changes.map(({ staged }) => fieldOf(staged, column).toString());
  const bytes = (column: 'data_key' | 'personal_sealed' | 'row_digest'): Buffer[] =>
    changes.map(({ staged }) => fieldOf(staged, column));
  const [first] = changes;
  if (!first) return;
  await tx.query({
    name: 'run-change',
    text: `UPDATE legacy_accounts AS l
           SET state = t.state, source_status = t.source_status, data_key = t.data_key,
               personal_sealed = t.personal_sealed, verifier_sealed = t.verifier_sealed, scheme = t.scheme,
               row_digest = t.row_digest, import_id = $9, imported_at = $10
           FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[], $8::bytea[])
             AS t (legacy_key, state, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest)
           WHERE l.legacy_key = t.legacy_key AND l.state IN ('waiting', 'refused')`,
    values: [
      changes.map(({ legacyKey }) => legacyKey),
      text('state'),
      text('source_status'),
      bytes('data_key'),
      bytes('personal_sealed'),
      changes.map(({ staged }) => optionalFieldOf(staged, 'verifier_sealed') ?? null),
      changes.map(({ staged }) => optionalFieldOf(staged, 'scheme')?.toString() ?? null),
      bytes('row_digest'),
      uuidText(fieldOf(first.staged, 'import_id')),
      readTimestamp(fieldOf(first.staged, 'imported_at')),
    ],
  });
}
