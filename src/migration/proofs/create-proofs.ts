import type { ProofPlace } from '../adoption/adoption-types.ts';
import {
  type ContactCodeAnswer,
  type ContactCodeRequest,
  type ContactCodeSent,
  createContactCode,
} from './contact-code.ts';
import type { ProofDependencies, ProofResult } from './prove-row.ts';
import { type ReferenceAttempt, createReferenceCheck } from './reference-and-fact.ts';
import { type Attestation, attestationNonce, createAttestationCheck } from './service-attestation.ts';
import { type RedeemAttempt, createRedeem } from './vouchers.ts';

/**
 * Every way but the old password to prove an old account. Each counts its attempts before it looks at anything, answers
 * `mismatch` for whatever does not fit, and gives a proof that is bound to its place and good once.
 */
export interface OldAccountProofs {
  sendContactCode(request: ContactCodeRequest): Promise<ContactCodeSent>;
  /** `wrong`, `expired` and `used-up` tell of the code only, not of the account. */
  checkContactCode(
    answer: ContactCodeAnswer,
  ): Promise<ProofResult | { readonly outcome: 'wrong' | 'expired' | 'used-up' }>;
  checkReference(attempt: ReferenceAttempt): Promise<ProofResult>;
  /** A code that came by post, or from two operators. */
  redeemCode(attempt: RedeemAttempt): Promise<ProofResult>;
  checkAttestation(attestation: Attestation): Promise<ProofResult>;
  /** What a service must put into the `nonce` of its attestation. */
  attestationNonce(source: string, place: ProofPlace): string;
}

export function createProofs(deps: ProofDependencies): OldAccountProofs {
  const contact = createContactCode(deps);
  return {
    sendContactCode: contact.send,
    checkContactCode: contact.check,
    checkReference: createReferenceCheck(deps),
    redeemCode: createRedeem(deps),
    checkAttestation: createAttestationCheck(deps),
    attestationNonce: (source, place) => attestationNonce(deps.keyRing, source, place),
  };
}
