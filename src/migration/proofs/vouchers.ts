import { randomInt } from 'node:crypto';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ProofPlace } from '../adoption/adoption-types.ts';
import { takeAttempt } from '../adoption/attempt-limits.ts';
import { findSource } from '../sources/source-store.ts';
import { type ProofDependencies, type ProofResult, createRowProver } from './prove-row.ts';

export type VoucherKind = 'posted-code' | 'two-operators';

export interface NewVoucher {
  readonly source: string;
  readonly legacyKey: Buffer;
  readonly kind: VoucherKind;
  readonly validDays: number;
  /** The only account that may use it; left out: whoever brings it. */
  readonly accountId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly now: Date;
}

export interface RedeemAttempt extends ProofPlace {
  readonly source: string;
  /** As printed; blanks, hyphens and case do not matter. */
  readonly code: string;
  readonly ip: string;
}

// Crockford's alphabet: nothing that looks like something else on paper. 16 of them are 80 bits.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** Makes a code that its bearer turns into a proof. Only its keyed hash is kept. */
export async function issueVoucher(keyRing: KeyRing, tx: Transaction, voucher: NewVoucher): Promise<string> {
  const code = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  await tx.query({
    text: `INSERT INTO legacy_vouchers (voucher_key, legacy_key, source, kind, account_id, request_id, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      keyOf(keyRing, voucher.source, code),
      voucher.legacyKey,
      voucher.source,
      voucher.kind,
      voucher.accountId ?? null,
      voucher.requestId ?? null,
      voucher.now,
      new Date(voucher.now.getTime() + voucher.validDays * 86_400_000),
    ],
  });
  return code.replaceAll(/(.{4})(?=.)/g, '$1-');
}

const keyOf = (keyRing: KeyRing, source: string, code: string): Buffer =>
  keyRing.lookupKey('legacy-voucher', source, tidy(code));

const tidy = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1').slice(0, 64);

/** Turns a code into a proof that lives for minutes, once: the compare-and-set and the proof stand or fall together. */
export function createRedeem(deps: ProofDependencies) {
  const { db, keyRing, accounts, now } = deps;
  const prover = createRowProver(deps);
  return async (attempt: RedeemAttempt): Promise<ProofResult> => {
    const place = { source: attempt.source, kind: 'posted-code', place: attempt } as const;
    const voucherKey = keyOf(keyRing, attempt.source, attempt.code);
    const counted = { ip: attempt.ip, loginKey: `voucher ${voucherKey.toString('base64url')}` };
    const wait = await takeAttempt(accounts.attempts, counted);
    if (wait !== undefined) {
      prover.fail(place, 'too-many-attempts');
      return { outcome: 'too-many', retryAfterSeconds: wait };
    }
    const source = await findSource(db, attempt.source);
    return db.transaction(async (tx) => {
      const [voucher] = await tx.query<{ legacy_key: Buffer; kind: VoucherKind }>({
        text: `UPDATE legacy_vouchers SET redeemed_at = $2
               WHERE voucher_key = $1 AND redeemed_at IS NULL AND expires_at > $2
                 AND (account_id IS NULL OR account_id::text = $3) RETURNING legacy_key, kind`,
        values: [voucherKey, now(), attempt.accountId ?? ''],
      });
      if (!voucher) return prover.fail(place, 'wrong');
      return prover.prove({ source, legacyKey: voucher.legacy_key, kind: voucher.kind, place: attempt }, tx);
    });
  };
}
