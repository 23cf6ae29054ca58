import { exportJWK, calculateJwkThumbprint, generateKeyPair, type JWK } from 'jose';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { openJson, sealJson } from '../storage/sealed-json.ts';

export type SigningAlg = 'ES256' | 'RS256';
/** `next` is published but does not sign yet; `retiring` no longer signs but is still published. */
export type KeyState = 'next' | 'active' | 'retiring' | 'retired';

export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly stateSince: Date;
}

export const SIGNING_ALGS: readonly SigningAlg[] = ['ES256', 'RS256'];
/** NIST SP 800-57 part 1: 128 bits of strength from RSA-3072 (guarantee G11). */
const RSA_BITS = 3072;

const CONTEXT = 'signing-key';

/** Makes a key pair and stores it: the private half sealed, the public half in clear. */
export async function createSigningKey(
  db: Queryable,
  keyRing: KeyRing,
  { alg, state, at }: { alg: SigningAlg; state: KeyState; at: Date },
): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  await db.query({
    text: `
      INSERT INTO signing_keys (kid, alg, state, public_jwk, private_sealed, created_at, state_since)
      VALUES ($1, $2, $3, $4, $5, $6, $6)`,
    values: [kid, alg, state, publicJwk, sealJson(keyRing, CONTEXT, await exportJWK(privateKey)), at],
  });
  return kid;
}

interface KeyRow extends Record<string, unknown> {
  kid: string;
  alg: SigningAlg;
  state: KeyState;
  created_at: Date;
  state_since: Date;
}

/** Every key on record, newest first; without the private halves. */
export async function listSigningKeys(db: Queryable): Promise<SigningKey[]> {
  const rows = await db.query<KeyRow>({
    text: 'SELECT kid, alg, state, created_at, state_since FROM signing_keys ORDER BY created_at DESC, kid',
  });
  return rows.map((row) => ({
    kid: row.kid,
    alg: row.alg,
    state: row.state,
    createdAt: row.created_at,
    stateSince: row.state_since,
  }));
}

/**
 * The key set of a provider: private JWKs, the signing one of each algorithm first. Keys that wait or retire stand
 * behind: they are published, so a service that cached the set verifies every token (invariant I9).
 */
export async function loadKeySet(db: Queryable, keyRing: KeyRing): Promise<JWK[]> {
  const rows = await db.query<{ kid: string; alg: string; private_sealed: Buffer }>({
    text: `
      SELECT kid, alg, private_sealed FROM signing_keys WHERE state <> 'retired' AND private_sealed IS NOT NULL
      ORDER BY CASE state WHEN 'active' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, state_since DESC`,
  });
  return rows.map((row) => ({
    ...openJson(keyRing, CONTEXT, row.private_sealed),
    kid: row.kid,
    alg: row.alg,
    use: 'sig',
  }));
}
