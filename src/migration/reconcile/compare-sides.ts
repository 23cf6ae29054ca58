import type { FailReason, Person, Verified } from '../adoption/verify-old-password.ts';
import type { LegacyPersonal } from '../ledger/seal-legacy-row.ts';
import type { SaidAgain } from './ask-again.ts';
import { saidBy } from './follow-old.ts';

/** What two answers to one question come to. `moved`: nobody compares an account that was adopted. */
export type ShadowResult = 'both-yes' | 'both-no' | 'old-only' | 'new-only' | 'old-away' | 'new-away' | 'moved';

/** What two sides say differently of somebody. `missing`: no export names them. `person`: the name is somebody else's there. */
export type Difference = 'password' | 'missing' | 'person' | 'status' | 'email' | 'phone' | 'name';

export interface Comparison {
  readonly result: ShadowResult;
  readonly differs: readonly Difference[];
  /** Whose; undefined where neither side knows anybody. */
  readonly legacyKey: Buffer | undefined;
}

export interface ToCompare {
  readonly verified: Verified;
  readonly said: Exclude<SaidAgain, { word: 'too-many' }>;
  readonly keyOf: (accountKey: string) => Buffer;
  readonly personalOf: (person: Person) => LegacyPersonal;
}

/** Refusals that are about an account, not about what was typed. */
const CLOSED_THERE: readonly string[] = ['disabled', 'locked', 'expired', 'must-change-password', 'not-allowed'];

export function compareSides(both: ToCompare): Comparison {
  const { verified, said, keyOf } = both;
  const there = said.word === 'yes' ? keyOf(said.identity.accountKey) : undefined;
  const legacyKey = 'reason' in verified ? there : verified.row.legacyKey;
  if (said.word === 'away') return { result: 'old-away', differs: [], legacyKey };
  const compared = 'reason' in verified ? withNobodyHere(verified.reason, said.word) : withSomebodyHere(both, verified);
  return { ...compared, legacyKey };
}

type Compared = Omit<Comparison, 'legacyKey'>;

function withNobodyHere(reason: FailReason, word: 'yes' | 'no'): Compared {
  if (reason === 'already-adopted' || reason === 'not-waiting') return { result: 'moved', differs: [] };
  if (reason === 'unverifiable') return { result: 'new-away', differs: [] };
  return word === 'yes' ? { result: 'old-only', differs: [whyOldOnly(reason)] } : { result: 'both-no', differs: [] };
}

function withSomebodyHere({ said, keyOf, personalOf }: ToCompare, person: Person): Compared {
  if (said.word !== 'yes') {
    const isClosed = said.word === 'no' && CLOSED_THERE.includes(said.reason);
    return { result: 'new-only', differs: [isClosed ? 'status' : 'password'] };
  }
  const isSame = person.row.legacyKey.equals(keyOf(said.identity.accountKey));
  return { result: 'both-yes', differs: isSame ? differing(saidBy(said.identity), personalOf(person)) : ['person'] };
}

function whyOldOnly(reason: FailReason): Difference {
  if (reason === 'name-unknown') return 'missing';
  return reason === 'disabled' ? 'status' : 'password';
}

/** Only what both sides say: an answer that leaves something out says nothing of it. */
function differing(there: ReturnType<typeof saidBy>, here: LegacyPersonal): readonly Difference[] {
  return (['email', 'phone', 'name'] as const).filter((name) => {
    const [a, b] = [there[name], here[name]];
    return a !== undefined && b !== undefined && fold(a) !== fold(b);
  });
}

const fold = (value: string): string => value.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
