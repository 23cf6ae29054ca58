import type { LegacyState } from '../../ledger/legacy-states.ts';
import type { RowOutcome } from '../desk/run-types.ts';

/** Why a row that is good by itself is not simply new, changed or unchanged. Stable: scripts and guides rely on them. */
export type MatchCode =
  | 'login_taken'
  | 'linked_differs'
  | 'was_released'
  | 'was_retired'
  | 'is_organisation'
  | 'followed_since'
  | 'email_on_account'
  | 'email_shared';

export interface RowFacts {
  /** What the ledger has under the same (source, old id). */
  readonly known:
    | {
        readonly state: LegacyState;
        readonly isSame: boolean;
        /** The old system itself has said more of it since the file was made: a newer password. */
        readonly isFollowed: boolean;
      }
    | undefined;
  /** Another old account of the source has its user name. */
  readonly loginTaken: boolean;
  /** Its e-mail address is an account's, or that of several rows of the file: a hint where to look, never a proof. */
  readonly doubt: MatchCode | undefined;
}

export interface RowDecision {
  readonly outcome: Exclude<RowOutcome, 'outside'>;
  readonly code?: MatchCode;
  readonly effect: 'insert' | 'change' | 'none';
}

const SETTLED = {
  released: 'was_released',
  retired: 'was_retired',
  organised: 'is_organisation',
} as const satisfies Partial<Record<LegacyState, MatchCode>>;

/**
 * What becomes of one good row. An import never touches what somebody has linked, and never decides between people: where
 * there is a doubt the row goes in, waits like every other, and is counted as one that needs proof (E7, E9).
 */
export function decideRow(facts: RowFacts): RowDecision {
  const { known } = facts;
  return (known && decideKnown(known)) ?? decideWritten(facts);
}

/** Undefined: the file has something to say of it still. */
function decideKnown({ state, isSame, isFollowed }: NonNullable<RowFacts['known']>): RowDecision | undefined {
  if (state === 'adopted') return { outcome: 'linked', effect: 'none', ...(!isSame && { code: 'linked_differs' }) };
  if (isSame) return { outcome: 'unchanged', effect: 'none' };
  if (state === 'waiting' || state === 'refused')
    return isFollowed ? { outcome: 'unchanged', code: 'followed_since', effect: 'none' } : undefined;
  return { outcome: 'needs-proof', code: SETTLED[state], effect: 'none' };
}

function decideWritten({ known, loginTaken, doubt }: RowFacts): RowDecision {
  if (loginTaken) return { outcome: 'rejected', code: 'login_taken', effect: 'none' };
  const effect = known ? 'change' : 'insert';
  if (doubt !== undefined) return { outcome: 'needs-proof', code: doubt, effect };
  return { outcome: known ? 'changed' : 'new', effect };
}
