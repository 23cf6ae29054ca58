import type { Problem } from '../engine/facts.ts';
import { networkOf } from '../../platform/http/network-of.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/**
 * How often a password may be tried. Every try is counted before it is looked at, so twenty at once are twenty
 * (guarantees.md A8, K1). The limits slow and ask; none of them shuts the right person out (A9).
 */
const FREE_TRIES = 3;
const LONGEST_DELAY_MS = 4000;
const THIRTY_DAYS = 30 * 24 * 60 * 60;

const LIMITS = {
  /**
   * Tries that need no second way: the tenth in a row does. Strangers get no further, so they cannot use up the hundred
   * after which `accounts` switches the password off.
   */
  account: { what: 'password-account', limit: 9, windowSeconds: THIRTY_DAYS },
  address: { what: 'password-ip', limit: 300, windowSeconds: 300 },
  /** Wrong tries from many addresses of one place. Its other people are not shut out: they show a second way. */
  near: { what: 'password-near-network', limit: 1200, windowSeconds: 300 },
  wide: { what: 'password-wide-network', limit: 6000, windowSeconds: 300 },
  /** The same wrong password tried on many accounts. */
  spray: { what: 'password-spray', limit: 30, windowSeconds: 600 },
} as const;

export type ThrottleVerdict =
  | { readonly verdict: 'go' }
  /** A known device or a code by e-mail first. */
  | { readonly verdict: 'second-way' }
  | { readonly verdict: 'wait'; readonly retryAfterSeconds: number };

/** What the citizen reads when a network has tried too often. */
export function tooManyTries(field: string, retryAfterSeconds: number): Problem {
  const count = Math.max(1, Math.ceil(retryAfterSeconds / 60));
  return { field, key: 'journeys.passwords.problems.tooManyTries', values: { count } };
}

export interface PasswordTry {
  /** The account's id, or the address when there is no account: counted alike. */
  readonly who: string;
  readonly ip: string;
  readonly password: string;
  /** Whether a second way has been proved: a known device, or the mailbox in this journey. Asked only when it matters. */
  readonly secondWay: boolean | (() => Promise<boolean>);
}

export async function reserveTry(
  deps: Pick<JourneyDeps, 'accounts' | 'keyRing' | 'sleep'>,
  attempt: PasswordTry,
): Promise<ThrottleVerdict> {
  const { attempts } = deps.accounts;
  const address = await attempts.take({ ...LIMITS.address, who: attempt.ip });
  if (!address.allowed) return { verdict: 'wait', retryAfterSeconds: address.retryAfterSeconds };
  const shared = await Promise.all([
    attempts.take({ ...LIMITS.near, who: networkOf(attempt.ip) }),
    attempts.take({ ...LIMITS.wide, who: networkOf(attempt.ip, 'wide') }),
    attempts.take({ ...LIMITS.spray, who: sprayKeyOf(deps, attempt.password) }),
  ]);
  const account = await attempts.take({ ...LIMITS.account, who: attempt.who });
  await delay(deps.sleep, account.count);
  if (account.allowed && shared.every(({ allowed }) => allowed)) return { verdict: 'go' };
  const { secondWay } = attempt;
  const hasSecondWay = typeof secondWay === 'function' ? await secondWay() : secondWay;
  return { verdict: hasSecondWay ? 'go' : 'second-way' };
}

/** After a right password: it counts for nothing where others count too, and the next wrong one is the first again. */
export async function settleTry(
  deps: Pick<JourneyDeps, 'accounts' | 'keyRing'>,
  { who, ip, password }: Pick<PasswordTry, 'who' | 'ip' | 'password'>,
): Promise<void> {
  const { attempts } = deps.accounts;
  await Promise.all([
    attempts.giveBack(LIMITS.address.what, ip),
    attempts.giveBack(LIMITS.near.what, networkOf(ip)),
    attempts.giveBack(LIMITS.wide.what, networkOf(ip, 'wide')),
    attempts.giveBack(LIMITS.spray.what, sprayKeyOf(deps, password)),
    attempts.reset(LIMITS.account.what, who),
  ]);
}

const sprayKeyOf = (deps: Pick<JourneyDeps, 'keyRing'>, password: string): string =>
  deps.keyRing.lookupKey('password-spray', password).toString('base64url');

/** After a new password: the next wrong one is the first again. */
export async function forgiveTries(deps: Pick<JourneyDeps, 'accounts'>, who: string): Promise<void> {
  await deps.accounts.attempts.reset(LIMITS.account.what, who);
}

/** From the fourth try in a row each waits longer: half a second, one, two, four. */
async function delay(sleep: JourneyDeps['sleep'], count: number): Promise<void> {
  if (count <= FREE_TRIES) return;
  const ms = Math.min(LONGEST_DELAY_MS, 500 * 2 ** (count - FREE_TRIES - 1));
  await (sleep ?? wait)(ms);
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
