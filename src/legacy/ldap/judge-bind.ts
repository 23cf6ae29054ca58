import type { LegacyRefusal, Warning } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { Result } from './messages.ts';

export type Judged =
  | { readonly outcome: 'right'; readonly warnings: readonly Warning[] }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

/**
 * Active Directory says 49 to everything; why is in its words: `data 52e`. 532 and 773 come only after the right
 * password. @see MS-ERREF §2.2
 */
const SUB_CODES = new Map<number, LegacyRefusal>([
  [0x525, 'unknown-person'],
  [0x52e, 'wrong-secret'],
  [0x52f, 'not-allowed'], // account restriction
  [0x530, 'not-allowed'], // not at this hour
  [0x531, 'not-allowed'], // not from this machine
  [0x532, 'expired'], // the password
  [0x533, 'disabled'],
  [0x701, 'expired'], // the account
  [0x773, 'must-change-password'],
  [0x775, 'locked'],
]);

/** Of the password-policy control; the others are about changing a password. */
const POLICY_ERRORS = new Map<number, LegacyRefusal>([
  [0, 'expired'],
  [1, 'locked'],
  [2, 'must-change-password'],
]);

const STALE = new Map<LegacyRefusal, Warning>([
  ['expired', 'password-expired'],
  ['must-change-password', 'must-change-password'],
]);

/** 0x532 and 0x773, and the same of the policy: the password was right, but is to be used no more. */
const STALE_SUB_CODES: ReadonlySet<number> = new Set([0x532, 0x773]);

/** What the answer to a person's bind means. @throws LegacyFault when it is not about the person */
export function judgeBind(result: Result, stalePassword: 'refuse' | 'warn' = 'refuse'): Judged {
  const { code, policy } = result;
  if (code !== 0 && code !== 49) return { outcome: 'refused', reason: reasonOfCode(result) };
  const subCode = code === 49 ? subCodeOf(result.diagnostic) : undefined;
  const reason = refusalOf(code, policy.error, subCode);
  if (reason === undefined) return { outcome: 'right', warnings: warningsOf(result) };
  const warning = STALE.get(reason);
  const wasRight = policy.error !== undefined || STALE_SUB_CODES.has(subCode ?? 0);
  if (stalePassword === 'warn' && wasRight && warning) return { outcome: 'right', warnings: [warning] };
  return { outcome: 'refused', reason };
}

function refusalOf(code: number, error: number | undefined, subCode: number | undefined): LegacyRefusal | undefined {
  const byPolicy = error === undefined ? undefined : POLICY_ERRORS.get(error);
  if (byPolicy !== undefined || code === 0) return byPolicy;
  return SUB_CODES.get(subCode ?? 0) ?? 'wrong-secret';
}

function subCodeOf(diagnostic: string): number | undefined {
  const [, hex] = /\bdata ([0-9a-f]{1,8})\b/i.exec(diagnostic) ?? [];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

function warningsOf({ policy }: Result): readonly Warning[] {
  if (policy.graceLeft !== undefined) return ['password-expired'];
  return policy.secondsLeft === undefined ? [] : ['password-expires'];
}

/** Other servers have other codes for the same. */
function reasonOfCode({ code, diagnostic }: Result): LegacyRefusal {
  if (code === 32) return 'unknown-person';
  if (code === 48) return 'wrong-secret'; // no password is kept for this person
  if (code === 19) return 'locked'; // 389 Directory Server: too many tries
  if (code === 53 && /inactivated|disabled|locked/i.test(diagnostic)) return 'disabled'; // 389: "Account inactivated."
  throw faultOfResult(code);
}

/** A result that says nothing of a person. */
export function faultOfResult(code: number): LegacyFault {
  const detail = `result code ${code}`;
  if (code === 10) return new LegacyFault('redirected', detail);
  // Wrong kind of bind, TLS or rights wanted, no such base, no such name, no such attribute.
  if ([7, 8, 13, 16, 17, 32, 34, 50].includes(code)) return new LegacyFault('misconfigured', detail);
  return new LegacyFault('server-error', detail);
}
