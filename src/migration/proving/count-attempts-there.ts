import { type AttemptOf, takeAttempt } from '../adoption/attempt-limits.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import type { OldSystemDependencies } from './old-system.ts';
import type { ProvingAttempt } from './proving.ts';

/** Of an attempt, what it is counted by. */
export type CountedAttempt = Pick<ProvingAttempt, 'source' | 'ip' | 'place'>;

/**
 * Counted before anything is asked: by the name that was typed, or by the browser where nothing is typed here. Apart from
 * what other ways count: whoever knows the password must not win back guesses at a code with it.
 */
export function countedFor(
  deps: Pick<OldSystemDependencies, 'keyRing'>,
  { source, ip, place }: CountedAttempt,
  login: string | undefined,
): AttemptOf {
  if (login === undefined) return { ip, loginKey: `journey ${place.journeyId}` };
  return { ip, loginKey: `old-system ${loginKeyOf(deps.keyRing, source, unspelt(login)).toString('base64url')}` };
}

/** Old systems know one name in many spellings (case, blanks, accents, full width), which must share their attempts. */
function unspelt(login: string): string {
  const bare = login
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
  return bare === '' ? login : bare;
}

/** Takes one attempt, when the guard says so. */
export const reserveFor =
  (deps: OldSystemDependencies, attempt: ProvingAttempt, login: string | undefined) =>
  (): Promise<number | undefined> =>
    takeAttempt(deps.accounts.attempts, countedFor(deps, attempt, login));
