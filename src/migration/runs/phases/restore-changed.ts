import type { Transaction } from '../../../platform/postgres/database.ts';
import { voidProofs } from './open-proofs.ts';
import type { PartOfRun } from './part-of-run.ts';
import type { BatchPlace } from './batch-keys.ts';
import type { WrittenRow } from './undo-part.ts';

interface BeforeRow extends Record<string, unknown> {
  legacy_key: Buffer;
  login_key: Buffer;
  state: string;
  source_status: string;
  data_key: Buffer;
  personal_sealed: Buffer;
  verifier_sealed: Buffer | null;
  scheme: string | null;
  row_digest: Buffer;
  import_id: string;
  imported_at: Date;
}

/** Gives rows that a run changed back what they were. Hex of those that were still as the run left them. */
export async function restoreChanged(
  tx: Transaction,
  { importId, source }: PartOfRun,
  { place, changes, at }: { readonly place: BatchPlace; readonly changes: readonly WrittenRow[]; readonly at: Date },
): Promise<ReadonlySet<string>> {
  const { runId, part, batch } = place;
  const held = await tx.query<{ legacy_key: Buffer }>({
    text: `SELECT legacy_key FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[]) AND import_id = $2
             AND state IN ('waiting', 'refused') AND links_made = 0 AND (followed_at IS NULL OR followed_at < imported_at)
           ORDER BY legacy_key FOR UPDATE`,
    values: [changes.map(({ legacyKey }) => legacyKey), importId],
  });
  const before = await tx.query<BeforeRow>({
    text: `SELECT * FROM run_before WHERE run_id = $1 AND part = $2 AND batch = $3 AND legacy_key = ANY($4::bytea[])`,
    values: [runId, part, batch, held.map((row) => row.legacy_key)],
  });
  const rows = await withLogins(tx, source, { before, changes });
  await tx.query({
    text: `UPDATE legacy_accounts AS l
           SET state = t.state, source_status = t.source_status, data_key = t.data_key,
               personal_sealed = t.personal_sealed, verifier_sealed = t.verifier_sealed, scheme = t.scheme,
               row_digest = t.row_digest, import_id = t.import_id, imported_at = t.imported_at
           FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[],
                       $8::bytea[], $9::uuid[], $10::timestamptz[])
             AS t (legacy_key, state, source_status, data_key, personal_sealed, verifier_sealed, scheme, row_digest,
                   import_id, imported_at)
           WHERE l.legacy_key = t.legacy_key`,
    values: [
      rows.map((row) => row.legacy_key),
      rows.map((row) => row.state),
      rows.map((row) => row.source_status),
      rows.map((row) => row.data_key),
      rows.map((row) => row.personal_sealed),
      rows.map((row) => row.verifier_sealed),
      rows.map((row) => row.scheme),
      rows.map((row) => row.row_digest),
      rows.map((row) => row.import_id),
      rows.map((row) => row.imported_at),
    ],
  });
  const restored = rows.map((row) => row.legacy_key);
  await voidProofs(tx, restored, at);
  return new Set(restored.map((key) => key.toString('hex')));
}

/** A user name goes back with its row; a row whose former name is another's now stays as it is. */
async function withLogins(
  tx: Transaction,
  source: string,
  { before, changes }: { readonly before: readonly BeforeRow[]; readonly changes: readonly WrittenRow[] },
): Promise<readonly BeforeRow[]> {
  const newLogins = new Map(changes.map((row) => [row.legacyKey.toString('hex'), row.loginKey]));
  const newLoginOf = (row: BeforeRow): Buffer => newLogins.get(row.legacy_key.toString('hex')) ?? row.login_key;
  const renamed = before.filter((row) => !newLoginOf(row).equals(row.login_key));
  if (renamed.length === 0) return before;
  const claimed = await tx.query<{ login_key: Buffer }>({
    text: `INSERT INTO legacy_login_names (login_key, legacy_key, source)
           SELECT login_key, legacy_key, $3 FROM unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           ON CONFLICT (login_key) DO NOTHING RETURNING login_key`,
    values: [renamed.map((row) => row.login_key), renamed.map((row) => row.legacy_key), source],
  });
  const back = new Set(claimed.map((row) => row.login_key.toString('hex')));
  const isBack = (row: BeforeRow): boolean => back.has(row.login_key.toString('hex'));
  const restored = renamed.filter(isBack);
  await tx.query({
    text: `DELETE FROM legacy_login_names AS l USING unnest($1::bytea[], $2::bytea[]) AS t (login_key, legacy_key)
           WHERE l.login_key = t.login_key AND l.legacy_key = t.legacy_key`,
    values: [restored.map(newLoginOf), restored.map((row) => row.legacy_key)],
  });
  return before.filter((row) => newLoginOf(row).equals(row.login_key) || isBack(row));
}
