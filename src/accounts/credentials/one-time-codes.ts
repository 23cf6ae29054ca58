import { randomInt, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';

export interface IssueCode {
  /** What the code is for: `sign-up`, `password-reset`… */
  readonly purpose: string;
  /** What it is bound to: journey id, browser key, canonical address… The same list opens it. */
  readonly boundTo: readonly string[];
  readonly lifetimeSeconds: number;
}

export interface CheckCode {
  readonly challengeId: string;
  readonly purpose: string;
  readonly boundTo: readonly string[];
  readonly code: string;
}

/** `expired` is also the answer for a challenge that is not known or not bound to this. */
export type CodeCheck = 'ok' | 'wrong' | 'expired' | 'used-up';

/** Six digits sent to somebody. Six wrong tries end a challenge; the right code ends it too (B5, X2). */
export interface OneTimeCodes {
  issue(tx: Transaction, request: IssueCode): Promise<{ readonly challengeId: string; readonly code: string }>;
  /** Counts the try first and commits it at once, whatever becomes of the caller's transaction. */
  check(request: CheckCode): Promise<CodeCheck>;
}

export interface CodesOptions {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

const MAX_TRIES = 6;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createCodes({ db, keyRing, now }: CodesOptions): OneTimeCodes {
  const boundKey = (purpose: string, boundTo: readonly string[]): Buffer =>
    keyRing.lookupKey('one-time-code-bound', purpose, ...boundTo);
  // A plain hash of six digits could be tried through in a blink; this one needs a key that is not in the database.
  const codeKey = (challengeId: string, code: string): Buffer => keyRing.lookupKey('one-time-code', challengeId, code);

  return {
    async issue(tx, { purpose, boundTo, lifetimeSeconds }) {
      const at = now();
      const challengeId = uuidv7(at.getTime());
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      await tx.query({
        text: `INSERT INTO one_time_codes (challenge_id, purpose, bound_to, code_hash, tries, expires_at, created_at)
               VALUES ($1, $2, $3, $4, 0, $5, $6)`,
        values: [
          challengeId,
          purpose,
          boundKey(purpose, boundTo),
          codeKey(challengeId, code),
          new Date(at.getTime() + lifetimeSeconds * 1000),
          at,
        ],
      });
      return { challengeId, code };
    },

    async check({ challengeId, purpose, boundTo, code }) {
      if (!UUID.test(challengeId)) return 'expired';
      const bound = boundKey(purpose, boundTo);
      const [tried] = await db.query<{ code_hash: Buffer; tries: number }>({
        text: `UPDATE one_time_codes SET tries = tries + 1
               WHERE challenge_id = $1 AND bound_to = $2 AND consumed_at IS NULL AND tries < $3 AND expires_at > $4
               RETURNING code_hash, tries`,
        values: [challengeId, bound, MAX_TRIES, now()],
      });
      if (!tried) return whyNot(db, challengeId, bound, now());
      if (!timingSafeEqual(tried.code_hash, codeKey(challengeId, code.replace(/\s/g, ''))))
        return tried.tries >= MAX_TRIES ? 'used-up' : 'wrong';
      const consumed = await db.query({
        text: `UPDATE one_time_codes SET consumed_at = $2 WHERE challenge_id = $1 AND consumed_at IS NULL
               RETURNING challenge_id`,
        values: [challengeId, now()],
      });
      return consumed.length === 1 ? 'ok' : 'used-up';
    },
  };
}

async function whyNot(db: Database, challengeId: string, bound: Buffer, at: Date): Promise<CodeCheck> {
  const [row] = await db.query<{ expires_at: Date }>({
    text: 'SELECT expires_at FROM one_time_codes WHERE challenge_id = $1 AND bound_to = $2',
    values: [challengeId, bound],
  });
  return row && row.expires_at > at ? 'used-up' : 'expired';
}
