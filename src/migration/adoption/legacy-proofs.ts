import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { LegacyProof, ProofPlace } from './adoption-types.ts';
import { PROOF_LIFETIME_MS } from './decide-link.ts';

/** What goes from the old account into the new one: argon2id of what was typed, never what the old system stored. */
const Carried = Type.Object({ passwordHash: Type.String(), belowPolicy: Type.Boolean(), truncated: Type.Boolean() });
export type Carried = Static<typeof Carried>;

export interface ProofRow {
  readonly proofKey: Buffer;
  readonly legacyKey: Buffer;
  readonly source: string;
  readonly kind: 'old-password';
  readonly provedAt: Date;
  readonly expiresAt: Date;
  readonly consumed: boolean;
  /** Whether it was made for this journey and this browser. */
  readonly bound: boolean;
  readonly carried: Carried | undefined;
}

interface Row extends Record<string, unknown> {
  legacy_key: Buffer;
  source: string;
  kind: 'old-password';
  bound_to: Buffer;
  carried_sealed: Buffer | null;
  proved_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
}

const PURPOSE = 'adopt';

export interface NewProof {
  readonly source: string;
  readonly legacyKey: Buffer;
  readonly carried: Carried;
  readonly now: Date;
}

export interface LegacyProofs {
  issue(queryable: Queryable, of: NewProof, place: ProofPlace): Promise<LegacyProof>;
  /** Reads and holds a proof: of two transactions with the same proof, the second waits here and finds it consumed. */
  hold(tx: Transaction, proof: LegacyProof, place: ProofPlace): Promise<ProofRow | undefined>;
  /** Compare-and-set. False when it was consumed already. */
  consume(tx: Transaction, proofKey: Buffer, now: Date): Promise<boolean>;
}

export function createLegacyProofs(keyRing: KeyRing): LegacyProofs {
  const bindingOf = (proof: string, source: string, legacyKey: Buffer, place: ProofPlace): Buffer =>
    keyRing.lookupKey(
      'legacy-proof-bound',
      PURPOSE,
      source,
      legacyKey.toString('base64url'),
      place.journeyId,
      place.browserKey,
      proof,
    );

  return {
    async issue(queryable, of, place) {
      const proof = randomBytes(32).toString('base64url');
      const proofKey = keyOf(keyRing, proof);
      await queryable.query({
        text: `INSERT INTO legacy_proofs (proof_key, legacy_key, source, kind, bound_to, carried_sealed, proved_at, expires_at)
               VALUES ($1, $2, $3, 'old-password', $4, $5, $6, $7)`,
        values: [
          proofKey,
          of.legacyKey,
          of.source,
          bindingOf(proof, of.source, of.legacyKey, place),
          keyRing.seal('legacy-proof', JSON.stringify(of.carried), proofKey.toString('base64url')),
          of.now,
          new Date(of.now.getTime() + PROOF_LIFETIME_MS),
        ],
      });
      return brand(proof);
    },

    async hold(tx, proof, place) {
      const proofKey = keyOf(keyRing, proof);
      const [row] = await tx.query<Row>({
        text: `SELECT legacy_key, source, kind, bound_to, carried_sealed, proved_at, expires_at, consumed_at
               FROM legacy_proofs WHERE proof_key = $1 FOR UPDATE`,
        values: [proofKey],
      });
      if (!row) return undefined;
      return {
        proofKey,
        legacyKey: row.legacy_key,
        source: row.source,
        kind: row.kind,
        provedAt: row.proved_at,
        expiresAt: row.expires_at,
        consumed: row.consumed_at !== null,
        bound: timingSafeEqual(row.bound_to, bindingOf(proof, row.source, row.legacy_key, place)),
        carried: row.carried_sealed ? openCarried(keyRing, proofKey, row.carried_sealed) : undefined,
      };
    },

    async consume(tx, proofKey, now) {
      const rows = await tx.query({
        text: `UPDATE legacy_proofs SET consumed_at = $2, carried_sealed = NULL
               WHERE proof_key = $1 AND consumed_at IS NULL RETURNING 1`,
        values: [proofKey, now],
      });
      return rows.length === 1;
    },
  };
}

const keyOf = (keyRing: KeyRing, proof: string): Buffer => keyRing.lookupKey('legacy-proof', proof);

function openCarried(keyRing: KeyRing, proofKey: Buffer, sealed: Buffer): Carried {
  return Value.Parse(
    Carried,
    JSON.parse(keyRing.open('legacy-proof', sealed, proofKey.toString('base64url')).toString()),
  );
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes a handle
const brand = (proof: string): LegacyProof => proof as LegacyProof;
