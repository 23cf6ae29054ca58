import type { AttemptRequest, Attempts } from '../../accounts/index.ts';
import { networkOf } from '../../platform/http/network-of.ts';

export interface AttemptOf {
  readonly ip: string;
  /** The user name as looked up: an unknown name is counted like a known one. */
  readonly loginKey: string;
}

const MINUTES = 60;
const DAYS = 86_400;

/**
 * How often an old password may be tried; all of it before any work (A8, A10, K1, linking-attacks 18). Stages are taken
 * in order: a network that is past its own limit no longer counts against the name it asks for, so one place cannot
 * keep the owner of the name out (K3).
 */
const stages: readonly ((of: AttemptOf) => readonly AttemptRequest[])[] = [
  ({ ip }) => [
    { what: 'legacy-ip', who: ip, limit: 50, windowSeconds: 5 * MINUTES },
    { what: 'legacy-ip', who: networkOf(ip), limit: 200, windowSeconds: 5 * MINUTES },
  ],
  ({ ip, loginKey }) => [
    { what: 'legacy-account', who: `${loginKey} from ${networkOf(ip)}`, limit: 10, windowSeconds: 15 * MINUTES },
  ],
  ({ loginKey }) => [
    { what: 'legacy-account', who: loginKey, limit: 30, windowSeconds: 15 * MINUTES },
    { what: 'legacy-account', who: `${loginKey} ever`, limit: 100, windowSeconds: 30 * DAYS },
  ],
];

/** Reserves one attempt. Returns the seconds to wait when there is none left. */
export const takeAttempt = (attempts: Attempts, of: AttemptOf): Promise<number | undefined> =>
  take(attempts, of, stages);

/** The same of a name alone, where its network was counted a moment ago for this very attempt. */
export const takeAttemptOfName = (attempts: Attempts, of: AttemptOf): Promise<number | undefined> =>
  take(attempts, of, stages.slice(1));

async function take(attempts: Attempts, of: AttemptOf, these: typeof stages): Promise<number | undefined> {
  for (const stage of these) {
    const answers = await Promise.all(stage(of).map((counter) => attempts.take(counter)));
    const refused = answers.filter((answer) => !answer.allowed);
    if (refused.length > 0) return Math.max(...refused.map((answer) => answer.retryAfterSeconds));
  }
  return undefined;
}

/** After a good password: what was counted against the name is forgotten; what was counted of the network stays. */
export async function forgetAttempts(attempts: Attempts, { ip, loginKey }: AttemptOf): Promise<void> {
  const names = [loginKey, `${loginKey} ever`, `${loginKey} from ${networkOf(ip)}`];
  await Promise.all(names.map((who) => attempts.reset('legacy-account', who)));
}
