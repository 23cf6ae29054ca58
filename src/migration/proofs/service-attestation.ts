import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { ProofPlace } from '../adoption/adoption-types.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import { type ProofDependencies, type ProofFailure, type ProofResult, createRowProver } from './prove-row.ts';

export interface Attestation extends ProofPlace {
  readonly source: string;
  /** JWS, `typ` `legacy-attestation+jwt`: the service says that this browser controls this old account right now. */
  readonly jwt: string;
  /** As the service is registered: its keys are never taken from the token. */
  readonly service: { readonly clientId: string; readonly jwks: JSONWebKeySet };
  /** Our issuer. */
  readonly audience: string;
}

const KIND = 'service-attestation';
const Claims = Type.Object({
  sub: Type.String({ minLength: 1, maxLength: 255 }),
  source: Type.String(),
  nonce: Type.String(),
  jti: Type.String({ minLength: 16, maxLength: 128 }),
  exp: Type.Number(),
});

/** What the service must put into `nonce`: an attestation of one journey and browser is worth nothing in another. */
export const attestationNonce = (keyRing: KeyRing, source: string, place: ProofPlace): string =>
  keyRing
    .lookupKey(
      'legacy-attestation-nonce',
      source,
      place.purpose ?? 'first-sign-in',
      place.accountId ?? '',
      place.journeyId,
      place.browserKey,
    )
    .toString('base64url');

export function createAttestationCheck(deps: ProofDependencies) {
  const { db, keyRing, now } = deps;
  const prover = createRowProver(deps);

  const read = async (attestation: Attestation) => {
    const { payload } = await jwtVerify(attestation.jwt, createLocalJWKSet(attestation.service.jwks), {
      algorithms: ['ES256', 'PS256', 'RS256'],
      typ: 'legacy-attestation+jwt',
      issuer: attestation.service.clientId,
      audience: attestation.audience,
      requiredClaims: ['exp', 'iat', 'jti', 'nonce', 'source', 'sub'],
      maxTokenAge: 600,
      clockTolerance: 10,
      currentDate: now(),
    });
    return Value.Parse(Claims, payload);
  };

  return async (attestation: Attestation): Promise<ProofResult> => {
    const fail = (reason: ProofFailure): ProofResult =>
      prover.fail({ source: attestation.source, kind: KIND, place: attestation }, reason);
    const source = await findSource(db, attestation.source);
    const allowed = source && allowedProof(source.definition.policy, KIND);
    if (!allowed?.by.includes(attestation.service.clientId)) return fail('proof-not-allowed');
    let claims: Awaited<ReturnType<typeof read>>;
    try {
      claims = await read(attestation);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError || isParseError(error)) return fail('wrong');
      throw error;
    }
    if (claims.source !== attestation.source) return fail('wrong');
    if (claims.nonce !== attestationNonce(keyRing, attestation.source, attestation)) return fail('wrong');
    const { clientId } = attestation.service;
    const legacyKey = legacyKeyOf(keyRing, attestation.source, claims.sub);
    const used = await db.query({
      text: `INSERT INTO legacy_attestations (attestation_key, expires_at) VALUES ($1, $2)
             ON CONFLICT (attestation_key) DO NOTHING RETURNING 1`,
      // Kept as long as any token of this age could still be taken, and a day more.
      values: [
        keyRing.lookupKey('legacy-attestation', clientId, claims.jti),
        new Date(Math.max(claims.exp * 1000, now().getTime()) + 86_400_000),
      ],
    });
    if (used.length === 0) return fail('used');
    return prover.prove({ source, legacyKey, kind: KIND, place: attestation });
  };
}

const isParseError = (error: unknown): boolean => error instanceof Error && error.name.includes('Parse');
