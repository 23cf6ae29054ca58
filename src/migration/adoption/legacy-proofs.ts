import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Assurance, ProofKind } from '../sources/proof-policy.ts';
import type { LegacyProof, ProofPlace } from './adoption-types.ts';

/** What goes from the old account into the new one: argon2id of what was typed, never what the old system stored. */
export const Carried = Type.Object({
  passwordHash: Type.String(),
  belowPolicy: Type.Boolean(),
  truncated: Type.Boolean(),
});
export type Carried = Static<typeof Carried>;

export interface ProofRow {
  readonly proofKey: Buffer;
  readonly legacyKey: Buffer;
  readonly source: string;
  readonly kind: ProofKind;
  /** Reached in the session in which it was proved; undefined: what the kind is worth. */
  readonly level: Assurance | undefined;
  readonly provedAt: Date;
  readonly expiresAt: Date;
  readonly consumed: boolean;
  /** Whether it was made for this journey, this browser, this purpose and, where one was named, this account. */
  readonly bound: boolean;
  readonly carried: Carried | undefined;
}

interface Row extends Record<string, unknown> {
  legacy_key: Buffer;
  source: string;
  kind: ProofKind;
  level: Assurance | null;
  purpose: string;
  bound_to: Buffer;
  carried_sealed: Buffer | null;
  proved_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
}

export interface NewProof {
  readonly source: string;
  readonly legacyKey: Buffer;
  readonly kind: ProofKind;
  readonly level?: Assurance | undefined;
  /** How long it counts, as the policy says. */
  readonly seconds: number;
  readonly carried?: Carried | undefined;
  readonly now: Date;
}

export interface LegacyProofs {
  issue(queryable: Queryable, of: NewProof, place: ProofPlace): Promise<LegacyProof>;
  /** Reads and holds a proof: of two transactions with the same proof, the second waits here and finds it consumed. */
  hold(tx: Transaction, proof: LegacyProof, place: ProofPlace): Promise<ProofRow | undefined>;
  /** Compare-and-set. False when it was consumed already. Nothing ever makes a consumed proof good again (LA11). */
  consume(tx: Transaction, proofKey: Buffer, now: Date): Promise<boolean>;
}

export function createLegacyProofs(keyRing: KeyRing): LegacyProofs {
  const bindingOf = createBinding(keyRing);
  return {
    async issue(queryable, of, place) {
      const proof = randomBytes(32).toString('base64url');
      const proofKey = keyOf(keyRing, proof);
      const { carried } = of;
      await queryable.query({
        text: `INSERT INTO legacy_proofs
                 (proof_key, legacy_key, source, kind, purpose, bound_to, carried_sealed, proved_at, expires_at, level)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        values: [
          proofKey,
          of.legacyKey,
          of.source,
          of.kind,
          place.purpose ?? 'first-sign-in',
          bindingOf(proof, of.source, of.legacyKey, place),
          carried && keyRing.seal('legacy-proof', JSON.stringify(carried), proofKey.toString('base64url')),
          of.now,
          new Date(of.now.getTime() + of.seconds * 1000),
          of.level ?? null,
        ],
      });
      return brand(proof);
    },

    async hold(tx, proof, place) {
      const proofKey = keyOf(keyRing, proof);
      const [row] = await tx.query<Row>({
        text: `SELECT legacy_key, source, kind, level, purpose, bound_to, carried_sealed, proved_at, expires_at, consumed_at
               FROM legacy_proofs WHERE proof_key = $1 FOR UPDATE`,
        values: [proofKey],
      });
      if (!row) return undefined;
      const isOfPurpose = row.purpose === (place.purpose ?? 'first-sign-in');
      return {
        proofKey,
        legacyKey: row.legacy_key,
        source: row.source,
        kind: row.kind,
        level: row.level ?? undefined,
        provedAt: row.proved_at,
        expiresAt: row.expires_at,
        consumed: row.consumed_at !== null,
        bound: isOfPurpose && timingSafeEqual(row.bound_to, bindingOf(proof, row.source, row.legacy_key, place)),
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

/** What a proof is bound to, as a keyed hash: any other place, purpose, row or handle gives another. */
function createBinding(keyRing: KeyRing) {
  return (proof: string, source: string, legacyKey: Buffer, place: ProofPlace): Buffer =>
    keyRing.lookupKey(
      'legacy-proof-bound',
      place.purpose ?? 'first-sign-in',
      source,
      legacyKey.toString('base64url'),
      // At a first sign-in the account is chosen after the proof was made; everywhere else it is known before.
      place.purpose === 'add-old-account' ? (place.accountId ?? '') : '',
      place.journeyId,
      place.browserKey,
      proof,
    );
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
