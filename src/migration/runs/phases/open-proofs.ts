import type { Transaction } from '../../../platform/postgres/database.ts';

export interface OpenProof extends Record<string, unknown> {
  readonly proof_key: Buffer;
  readonly legacy_key: Buffer;
}

/** What somebody can still adopt these rows with. By itself: proofs are spread over the shards by their own key (S4). */
export function openProofs(tx: Transaction, legacyKeys: readonly Buffer[], at: Date): Promise<OpenProof[]> {
  return tx.query<OpenProof>({
    text: `SELECT proof_key, legacy_key FROM legacy_proofs
           WHERE legacy_key = ANY($1::bytea[]) AND consumed_at IS NULL AND expires_at > $2`,
    values: [legacyKeys, at],
  });
}

/** What was proved of a row that is taken back proves nothing of the one that takes its place. */
export async function voidProofs(tx: Transaction, legacyKeys: readonly Buffer[], at: Date): Promise<void> {
  const open = await openProofs(tx, legacyKeys, at);
  if (open.length === 0) return;
  await tx.query({
    text: `UPDATE legacy_proofs SET consumed_at = $2, carried_sealed = NULL
           WHERE proof_key = ANY($1::bytea[]) AND consumed_at IS NULL`,
    values: [open.map((row) => row.proof_key), at],
  });
}
