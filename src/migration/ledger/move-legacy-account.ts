import type { Transaction } from '../../platform/postgres/database.ts';
import { type LegacyState, statesBefore } from './legacy-states.ts';

export type LegacyMove =
  | { readonly to: 'adopted'; readonly accountId: string }
  /** `from` nobody: it was an organisation's. `carried` is what it can be proved with again, or nothing. */
  | {
      readonly to: 'released';
      readonly from: { readonly accountId: string } | 'organisation';
      readonly carried: Buffer | undefined;
    }
  | { readonly to: Exclude<LegacyState, 'adopted' | 'released'> };

/** The old password as argon2id, in place of the old system's hash: what a released account is proved with. */
export const CARRIED_SCHEME = 'carried-argon2id';

/**
 * Moves an old account by compare-and-set. False: it is not where such a move begins. Nothing else writes a state, but
 * imports, which write whole rows that were never linked.
 */
export async function moveLegacyAccount(
  tx: Transaction,
  legacyKey: Buffer,
  move: LegacyMove,
  at: Date,
): Promise<boolean> {
  const before = statesBefore(move.to);
  const rows = await tx.query(statementOf(legacyKey, move, at, before));
  return rows.length === 1;
}

function statementOf(legacyKey: Buffer, move: LegacyMove, at: Date, before: readonly LegacyState[]) {
  if (move.to === 'adopted')
    return {
      text: `UPDATE legacy_accounts SET state = 'adopted', account_id = $2, adopted_at = $3, state_since = $3,
                                        verifier_sealed = NULL, links_made = links_made + 1
             WHERE legacy_key = $1 AND state = ANY($4) RETURNING 1`,
      values: [legacyKey, move.accountId, at, before],
    };
  if (move.to === 'organised')
    return {
      text: `UPDATE legacy_accounts SET state = 'organised', state_since = $2, verifier_sealed = NULL,
                                        links_made = links_made + 1
             WHERE legacy_key = $1 AND state = ANY($3) RETURNING 1`,
      values: [legacyKey, at, before],
    };
  if (move.to === 'released') {
    const accountId = move.from === 'organisation' ? null : move.from.accountId;
    return {
      text: `UPDATE legacy_accounts SET state = 'released', account_id = NULL, state_since = $3, verifier_sealed = $4,
                                        scheme = coalesce($5, scheme)
             WHERE legacy_key = $1 AND state = ANY($6) AND account_id IS NOT DISTINCT FROM $2 RETURNING 1`,
      values: [legacyKey, accountId, at, move.carried ?? null, move.carried ? CARRIED_SCHEME : null, before],
    };
  }
  return {
    text: `UPDATE legacy_accounts SET state = $2, state_since = $3,
                                      verifier_sealed = CASE WHEN $2 = 'retired' THEN NULL ELSE verifier_sealed END
           WHERE legacy_key = $1 AND state = ANY($4) RETURNING 1`,
    values: [legacyKey, move.to, at, before],
  };
}
