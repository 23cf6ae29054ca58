import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from '../store/account-rows.ts';
import type { AccountProof, Level, NewAccountProof, ProofPlace } from './merging.ts';

const LIFETIME_MS = 10 * 60 * 1000;
const PURPOSE = 'merge';

export interface HeldProof {
  readonly proofKey: Buffer;
  readonly method: string;
  readonly level: Level;
  readonly provedAt: Date;
  readonly consumed: boolean;
  /** Its time is over, or something of the account was changed since. */
  readonly stale: boolean;
}

type Row = {
  account_id: string;
  account_version: number;
  method: string;
  level: Level;
  bound_to: Buffer;
  proved_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
};

interface Expected extends ProofPlace {
  readonly accountId: string;
  readonly version: number;
  readonly now: Date;
}

/** Proofs of control of an account: random handles, bound to account, act, journey and browser (E3, L7). */
export interface AccountProofs {
  /** Undefined when the account is not active. */
  issue(tx: Transaction, of: NewAccountProof, now: Date): Promise<AccountProof | undefined>;
  /** Undefined when it is no proof of this account, here. */
  read(db: Queryable, proof: AccountProof, expected: Expected): Promise<HeldProof | undefined>;
  /** Compare-and-set, under the lock of its account. @throws Error when it was consumed already. */
  consume(tx: Transaction, proofKey: Buffer, now: Date): Promise<void>;
}

export function createAccountProofs(keyRing: KeyRing): AccountProofs {
  const keyOf = (proof: string): Buffer => keyRing.lookupKey('account-proof', proof);
  const bindingOf = (proof: string, accountId: string, { journeyId, browserKey }: ProofPlace): Buffer =>
    keyRing.lookupKey('account-proof-bound', PURPOSE, accountId, journeyId, browserKey, proof);

  return {
    async issue(tx, of, now) {
      const proof = randomBytes(32).toString('base64url');
      if (!isAccountId(of.accountId)) return undefined;
      const rows = await tx.query({
        text: `INSERT INTO account_proofs
                 (proof_key, account_id, account_version, method, level, bound_to, proved_at, expires_at)
               SELECT $1, account_id, version, $3, $4, $5, $6, $7 FROM accounts
               WHERE account_id = $2 AND status = 'active' RETURNING 1`,
        values: [
          keyOf(proof),
          of.accountId,
          of.method,
          of.level,
          bindingOf(proof, of.accountId, of),
          now,
          new Date(now.getTime() + LIFETIME_MS),
        ],
      });
      return rows.length === 1 ? brand(proof) : undefined;
    },

    async read(db, proof, expected) {
      const proofKey = keyOf(proof);
      const [row] = await db.query<Row>({
        text: `SELECT account_id, account_version, method, level, bound_to, proved_at, expires_at, consumed_at
               FROM account_proofs WHERE proof_key = $1`,
        values: [proofKey],
      });
      if (!row || row.account_id !== expected.accountId) return undefined;
      if (!timingSafeEqual(row.bound_to, bindingOf(proof, expected.accountId, expected))) return undefined;
      return {
        proofKey,
        method: row.method,
        level: row.level,
        provedAt: row.proved_at,
        consumed: row.consumed_at !== null,
        stale: row.expires_at <= expected.now || row.account_version !== expected.version,
      };
    },

    async consume(tx, proofKey, now) {
      const rows = await tx.query({
        text: 'UPDATE account_proofs SET consumed_at = $2 WHERE proof_key = $1 AND consumed_at IS NULL RETURNING 1',
        values: [proofKey, now],
      });
      if (rows.length !== 1) throw new Error('an account proof was consumed under its lock');
    },
  };
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes a handle
const brand = (proof: string): AccountProof => proof as AccountProof;
