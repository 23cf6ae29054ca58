import type { Evidence, LegacyIdentity } from '../../legacy/index.ts';
import { forgetAttempts } from '../adoption/attempt-limits.ts';
import { readCarried } from '../adoption/carry-typed.ts';
import type { Carried } from '../adoption/legacy-proofs.ts';
import { noteShared } from '../ledger/is-shared.ts';
import { createRowProver } from '../proofs/prove-row.ts';
import { noteRights } from '../rights/note-rights.ts';
import type { Source } from '../sources/definition.ts';
import type { ProofKind } from '../sources/proof-policy.ts';
import { type CountedAttempt, countedFor } from './count-attempts-there.ts';
import { meetIdentity } from './meet-identity.ts';
import type { OldSystemDependencies, Typed } from './old-system.ts';
import type { ProvingResult } from './proving.ts';

const KIND_OF = {
  'sign-in': 'old-sign-in',
  assertion: 'redirect-assertion',
  knowledge: 'reference-and-fact',
  contact: 'contact-code',
  post: 'posted-code',
} as const satisfies Record<Evidence, ProofKind>;

export interface ToJudge {
  readonly answer: Awaited<ReturnType<Typed['decline']>>;
  /** As typed and normalised, where it was typed on our page. */
  readonly login?: string;
  readonly carry?: () => Promise<string | undefined>;
  /** Whose row it is, before anything is made of that. May say what it is evidence of, where the adapter cannot know. */
  readonly onMet?: (legacyKey: Buffer) => Promise<ProofKind | undefined>;
}

/** One that is empty, or blank, would be everybody's. */
const KEY = /^(?=.*\S)[^\p{Cc}]{1,255}$/u;

/** Makes a proof of what an old system said, or the one answer that tells nothing. */
export type Judge = (source: Source, attempt: CountedAttempt, to: ToJudge) => Promise<ProvingResult>;

export function createJudge(deps: OldSystemDependencies): Judge {
  const prover = createRowProver(deps);
  const recordFailure = (source: string, { place }: CountedAttempt, reason: string): void => {
    const detail = { source, kind: 'old-system', reason };
    deps.recordEvent({ type: 'legacy.proof-failed', actor: 'citizen', correlationId: place.journeyId, detail });
  };
  return async (source, attempt, { answer, login, carry, onMet }) => {
    if (answer.outcome === 'too-many') return answer;
    if (answer.outcome !== 'identified') {
      recordFailure(source.source, attempt, answer.reason);
      return { outcome: answer.outcome === 'refused' ? 'mismatch' : 'unavailable' };
    }
    const { identity } = answer;
    if (!KEY.test(identity.accountKey)) {
      recordFailure(source.source, attempt, 'identifier-missing');
      return { outcome: 'mismatch' };
    }
    const legacyKey = await meetIdentity(deps, source, { identity, typed: login });
    if (identity.warnings.includes('shared-account')) await noteShared(deps.db, legacyKey);
    const kind = (await onMet?.(legacyKey)) ?? KIND_OF[identity.evidence];
    let carried: Carried | undefined;
    const carryOver = async (): Promise<Carried | undefined> => (carried = await carriedBy(identity, carry));
    const { place } = attempt;
    const proved = await prover.prove({ source, legacyKey, kind, place, level: identity.level, carry: carryOver });
    if (proved.outcome !== 'match') return proved;
    if (identity.rights) await noteRights(deps, { source: source.source, legacyKey, rights: identity.rights });
    // Whoever came another way must not win back guesses at this one.
    if (!onMet) await forgetAttempts(deps.accounts.attempts, countedFor(deps, attempt, login));
    return { ...proved, kind, carriesPassword: carried !== undefined };
  };
}

/** The password goes along only when the old system has taken it as part of this very sign-in. */
async function carriedBy({ proved }: LegacyIdentity, carry: ToJudge['carry']): Promise<Carried | undefined> {
  const carried = proved.includes('password') ? await carry?.() : undefined;
  return carried === undefined ? undefined : readCarried(carried);
}
