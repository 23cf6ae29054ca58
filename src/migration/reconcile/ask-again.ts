import { isOverlong } from '../../accounts/index.ts';
import type { Answered, Delivery, GuardedAdapter, LegacyIdentity, LiveSource } from '../../legacy/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { type AttemptOf, takeAttemptOfName } from '../adoption/attempt-limits.ts';
import type { OldPasswordAttempt } from '../adoption/adoption-types.ts';
import { countedFor } from '../proving/count-attempts-there.ts';
import { bindingOf, type OldSystemDependencies } from '../proving/old-system.ts';

/** What the old system says to a name and a password that were typed where its export is looked at, too. */
export type SaidAgain =
  | { readonly word: 'yes'; readonly identity: LegacyIdentity }
  | { readonly word: 'no'; readonly reason: string }
  | { readonly word: 'away'; readonly reason: string }
  | { readonly word: 'too-many'; readonly retryAfterSeconds: number };

export interface Asked {
  readonly live: LiveSource;
  readonly attempt: OldPasswordAttempt;
  /** As the source compares names. */
  readonly login: string;
  /** Whether it can be a name there at all (linking-attacks 18). */
  readonly fits: boolean;
}

type Typed = Extract<GuardedAdapter, { kind: 'password' }>;
type Deps = Pick<OldSystemDependencies, 'legacy' | 'oldSystems' | 'accounts' | 'keyRing'>;

/**
 * Asks the old system behind its guard, for whatever name: neither whether it is asked nor how long that takes tells who is
 * known (A11). Tries at its passwords count together with those of the way that asks it directly.
 */
export async function askAgain(deps: Deps, asked: Asked): Promise<SaidAgain> {
  const adapter = await open(deps, asked.live);
  if (!adapter) return { word: 'away', reason: 'misconfigured' };
  const { attempt, login, fits } = asked;
  const counted = countedThere(deps, asked);
  const reserve = (): Promise<number | undefined> => takeAttemptOfName(deps.accounts.attempts, counted);
  const opening = {
    language: 'en',
    binding: bindingOf({ source: attempt.source, place: attempt }),
    delivery: nothingIsSent,
  } as const;
  const first = await adapter.open(opening);
  if (first.outcome !== 'asks') return first.outcome === 'too-many' ? tooMany(first) : away(first.reason);
  // More than a name and a password is asked there: a yes to these two is not its yes.
  const names = first.prompt.fields.map(({ name }) => name).toSorted();
  if (names.join() !== 'login,password') return away('asks-more');
  const fields = { login, password: attempt.password };
  const isAskable = fits && !isOverlong(attempt.password);
  const said = isAskable
    ? await adapter.answer({ ...opening, state: first.state, fields }, reserve)
    : await adapter.decline(reserve);
  if (said.outcome === 'too-many') return tooMany(said);
  if (said.outcome === 'asks') return away('asks-more');
  if (said.outcome !== 'identified') return { word: said.outcome === 'refused' ? 'no' : 'away', reason: said.reason };
  // Where a one-time code came in place of the password, there is no password to have been right.
  return said.identity.proved.includes('password') ? { word: 'yes', identity: said.identity } : away('asks-more');
}

const countedThere = (
  deps: Pick<OldSystemDependencies, 'keyRing'>,
  { attempt, login }: Pick<Asked, 'attempt' | 'login'>,
): AttemptOf => countedFor(deps, { source: attempt.source, ip: attempt.ip, place: attempt }, login);

/** An answer of the way that asks the old system directly, in the same words. */
export function wordOf(answer: Answered | { readonly outcome: 'unavailable'; readonly reason: string }): SaidAgain {
  if (answer.outcome === 'identified') return { word: 'yes', identity: answer.identity };
  return { word: answer.outcome === 'refused' ? 'no' : 'away', reason: answer.reason };
}

const away = (reason: string): SaidAgain => ({ word: 'away', reason });
const tooMany = ({ retryAfterSeconds }: { readonly retryAfterSeconds: number }): SaidAgain => ({
  word: 'too-many',
  retryAfterSeconds,
});

async function open({ legacy, oldSystems }: Deps, live: LiveSource): Promise<Typed | undefined> {
  try {
    const adapter = await legacy.adapterOf(live);
    return adapter.kind === 'password' ? adapter : undefined;
  } catch (error) {
    oldSystems.metrics.fault(live.source, 'misconfigured');
    oldSystems.onFault(error);
    return undefined;
  }
}

const cannotSend = (): never => {
  throw new LatchkeyError(
    'config_invalid',
    'An old system that sends codes cannot be asked by name and password alone.',
  );
};
const nothingIsSent: Delivery = { send: async () => cannotSend(), check: async () => cannotSend() };
