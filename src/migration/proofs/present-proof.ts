import type { ProofPlace } from '../adoption/adoption-types.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { findSource } from '../sources/source-store.ts';
import { type ProofDependencies, type ProofResult, createRowProver } from './prove-row.ts';

export interface PresentedEvidence extends ProofPlace {
  readonly source: string;
  /** The old system's own id of the account, exactly as it was asserted: never an address (linking-attacks 6). */
  readonly legacyId: string;
  readonly kind: 'redirect-assertion';
}

/**
 * For adapters: what an old system that still runs has just asserted of this browser. The adapter has checked signature,
 * audience, freshness and replay; here it becomes a proof like any other, if the policy of the source allows it.
 */
export function createPresentProof(deps: ProofDependencies) {
  const prover = createRowProver(deps);
  return async ({ source: key, legacyId, kind, ...place }: PresentedEvidence): Promise<ProofResult> => {
    const source = await findSource(deps.db, key);
    return prover.prove({ source, legacyKey: legacyKeyOf(deps.keyRing, key, legacyId), kind, place });
  };
}
