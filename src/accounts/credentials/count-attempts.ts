import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable } from '../../platform/postgres/database.ts';

export type AttemptKind =
  | 'code-send'
  | 'code-send-ip'
  | 'cutover-complaint'
  | 'legacy-account'
  | 'legacy-ip'
  | 'legacy-return'
  | 'password-account'
  | 'password-failures'
  | 'password-ip'
  | 'password-near-network'
  | 'password-spray'
  | 'password-wide-network'
  | 'reset-account'
  | 'reset-ip'
  | 'sign-up-ip';

export interface AttemptRequest {
  readonly what: AttemptKind;
  /** Whom it is counted of: an account id, a canonical address, an IP… Stored as a keyed hash only. */
  readonly who: string;
  readonly limit: number;
  /** The count starts anew this long after its first try. */
  readonly windowSeconds: number;
}

export interface AttemptAnswer {
  readonly allowed: boolean;
  /** Tries in this window, this one included. */
  readonly count: number;
  /** Until the count starts anew; 0 when allowed. */
  readonly retryAfterSeconds: number;
}

export interface Attempts {
  /**
   * Reserves one try BEFORE anything is evaluated: of any number at once exactly `limit` are allowed (A8, K1). The
   * counter lives in Postgres, so losing Redis forgets nothing.
   */
  take(request: AttemptRequest): Promise<AttemptAnswer>;
  /**
   * Takes one reserved try back because it was right. Where many people share a counter (a network, a password that many
   * have) only wrong tries may count, and a right one must not forgive those of others.
   */
  giveBack(what: AttemptKind, who: string): Promise<void>;
  /** Forgets the tries, after a success. Inside a transaction when one is given. */
  reset(what: AttemptKind, who: string, tx?: Queryable): Promise<void>;
}

export interface AttemptsOptions {
  readonly db: Queryable;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

// A refused try is counted up to a ceiling only, so a flood cannot overflow the column.
const TAKE = `
  INSERT INTO attempt_counters AS counter (counter_key, count, started_at, expires_at) VALUES ($1, 1, $2, $3)
  ON CONFLICT (counter_key) DO UPDATE SET
    count      = CASE WHEN counter.expires_at <= $2 THEN 1 ELSE least(counter.count + 1, 1000000) END,
    started_at = CASE WHEN counter.expires_at <= $2 THEN $2 ELSE counter.started_at END,
    expires_at = CASE WHEN counter.expires_at <= $2 THEN $3 ELSE counter.expires_at END
  RETURNING count, expires_at`;

export function createAttempts({ db, keyRing, now }: AttemptsOptions): Attempts {
  const keyOf = (what: AttemptKind, who: string): Buffer => keyRing.lookupKey('attempts', what, who);
  return {
    async take({ what, who, limit, windowSeconds }) {
      const at = now();
      const values = [keyOf(what, who), at, new Date(at.getTime() + windowSeconds * 1000)];
      const [row] = await db.query<{ count: number; expires_at: Date }>({ name: 'attempts-take', text: TAKE, values });
      if (!row) throw new Error('attempt_counters returned no row');
      const allowed = row.count <= limit;
      const wait = Math.max(1, Math.ceil((row.expires_at.getTime() - at.getTime()) / 1000));
      return { allowed, count: row.count, retryAfterSeconds: allowed ? 0 : wait };
    },
    async giveBack(what, who) {
      await db.query({
        name: 'attempts-give-back',
        text: 'UPDATE attempt_counters SET count = count - 1 WHERE counter_key = $1 AND count > 0',
        values: [keyOf(what, who)],
      });
    },
    async reset(what, who, tx = db) {
      await tx.query({ text: 'DELETE FROM attempt_counters WHERE counter_key = $1', values: [keyOf(what, who)] });
    },
  };
}
