import {
  type Assurance,
  MAX_PROOF_SECONDS,
  type ProofPolicy,
  allowedProof,
  assuranceOf,
  isEnough,
} from '../sources/proof-policy.ts';
import type { LegacyState } from '../ledger/legacy-states.ts';

/** Everything that the decision stands on. Facts that are equal on both sides are not among them: they prove nothing. */
export interface LinkFacts {
  readonly source: {
    readonly status: 'open' | 'suspended' | 'unknown';
    /** As in force now; undefined allows no proof at all (linking-attacks 5). */
    readonly policy: ProofPolicy | undefined;
  };
  readonly legacy: {
    readonly state: LegacyState | 'unknown';
    readonly sourceStatus: 'active' | 'disabled';
    readonly ownedByTarget: boolean;
    /** Several people know what it is proved with: whoever does is one of them (M43). */
    readonly isShared?: boolean | undefined;
    /** When the state was reached; a proof from before it does not count for a released account. */
    readonly stateSince: Date | undefined;
  };
  readonly legacyProofs: readonly PresentedProof[];
  readonly target: LinkTarget;
  readonly now: Date;
}

export interface PresentedProof {
  readonly kind: string;
  /** What the old system reached in that session; undefined: what the kind is worth. */
  readonly level?: Assurance | undefined;
  readonly provedAt: Date;
  /** Whether it was made for this source, row, account, journey, browser and purpose. */
  readonly bound: boolean;
}

export type LinkTarget =
  | { readonly kind: 'new'; readonly addressProvedAt: Date | undefined; readonly addressTaken: boolean }
  | { readonly kind: 'existing'; readonly status: string | undefined; readonly provedAt: Date | undefined }
  /** A bulk run: there is nobody who could prove anything. */
  | { readonly kind: 'nobody' };

export type LinkRefusal =
  | 'source-unknown'
  | 'source-suspended'
  | 'legacy-unknown'
  | 'legacy-disabled'
  | 'legacy-refused'
  | 'legacy-retired'
  | 'already-adopted'
  | 'already-yours'
  | 'proof-not-allowed'
  | 'proof-not-bound'
  | 'account-not-active';

/** `stale`: made too long ago, or before the account was released; `not-enough`: good, but more is asked for. */
export type ProofLack = 'missing' | 'stale' | 'not-enough';

export type LinkDecision =
  | { readonly outcome: 'linked'; readonly assurance: Assurance }
  /** Proved like any other, but shared: it is linked to nobody, and its prover becomes the first administrator. */
  | { readonly outcome: 'becomes-organisation' }
  | { readonly outcome: 'needs-choice'; readonly reason: 'address-taken' }
  | { readonly outcome: 'needs-proof'; readonly of: 'legacy' | 'account'; readonly because: ProofLack }
  | { readonly outcome: 'refused'; readonly reason: LinkRefusal };

/** A proof of an account counts for this long, and no policy lets one of an old account count for longer (row E3). */
export const PROOF_LIFETIME_MS = MAX_PROOF_SECONDS * 1000;

const refused = (reason: LinkRefusal): LinkDecision => ({ outcome: 'refused', reason });
const needs = (of: 'legacy' | 'account', because: ProofLack): LinkDecision => ({
  outcome: 'needs-proof',
  of,
  because,
});

/** The table: the first row whose condition holds is the answer. Read it from top to bottom. */
const table: readonly (readonly [when: (facts: LinkFacts) => boolean, then: LinkDecision])[] = [
  [(f) => f.source.status === 'unknown', refused('source-unknown')],
  [(f) => f.source.status === 'suspended', refused('source-suspended')],
  [(f) => f.legacy.state === 'unknown', refused('legacy-unknown')],
  [(f) => f.legacy.state === 'adopted' && f.legacy.ownedByTarget, refused('already-yours')],
  [(f) => f.legacy.state === 'adopted' || f.legacy.state === 'organised', refused('already-adopted')],
  [(f) => f.legacy.state === 'retired', refused('legacy-retired')],
  [(f) => f.legacy.state === 'refused', refused('legacy-refused')],
  [(f) => f.legacy.sourceStatus === 'disabled', refused('legacy-disabled')],
  [(f) => f.legacyProofs.length === 0, needs('legacy', 'missing')],
  [(f) => f.legacyProofs.some((proof) => !proof.bound), refused('proof-not-bound')],
  [(f) => f.legacyProofs.some((proof) => !isAllowed(f, proof)), refused('proof-not-allowed')],
  [(f) => f.legacyProofs.some((proof) => !isFresh(proof.provedAt, f.now, lifeOf(f, proof))), needs('legacy', 'stale')],
  [(f) => f.legacy.state === 'released' && isOlderThanState(f), needs('legacy', 'stale')],
  [(f) => !areEnough(f), needs('legacy', 'not-enough')],
  [(f) => f.target.kind === 'existing' && f.target.status !== 'active', refused('account-not-active')],
  [(f) => targetProof(f) === undefined, needs('account', 'missing')],
  [(f) => !isFresh(targetProof(f), f.now, PROOF_LIFETIME_MS), needs('account', 'stale')],
  [(f) => f.target.kind === 'new' && f.target.addressTaken, { outcome: 'needs-choice', reason: 'address-taken' }],
  [(f) => f.legacy.isShared === true, { outcome: 'becomes-organisation' }],
];

/** Decides whether a legacy account may be linked. Pure: first sign-in, adding an old account and bulk runs all ask here. */
export function decideLink(facts: LinkFacts): LinkDecision {
  const answer = table.find(([when]) => when(facts))?.[1];
  if (answer) return answer;
  const { policy } = facts.source;
  return policy
    ? { outcome: 'linked', assurance: assuranceOf(policy, facts.legacyProofs) }
    : refused('proof-not-allowed');
}

export interface LedgerRow {
  readonly source: LinkFacts['source'];
  readonly legacy: Omit<LinkFacts['legacy'], 'ownedByTarget'>;
  /** Proofs that came with a run (a service's attestations). They never stand for the citizen's own. */
  readonly legacyProofs: readonly PresentedProof[];
}

/** What a bulk run may do with one row: never `linked`, since nobody is there to prove the other side (E9, L17). */
export function decideForRow({ source, legacy, legacyProofs }: LedgerRow, now: Date): LinkDecision {
  return decideLink({
    source,
    legacy: { ...legacy, ownedByTarget: false },
    legacyProofs,
    target: { kind: 'nobody' },
    now,
  });
}

const kindsOf = (facts: LinkFacts): string[] => facts.legacyProofs.map(({ kind }) => kind);

const areEnough = (facts: LinkFacts): boolean =>
  facts.source.policy !== undefined && isEnough(facts.source.policy, kindsOf(facts));

const isAllowed = ({ source }: LinkFacts, { kind }: PresentedProof): boolean =>
  source.policy !== undefined && allowedProof(source.policy, kind) !== undefined;

function lifeOf({ source }: LinkFacts, { kind }: PresentedProof): number {
  const seconds = source.policy && allowedProof(source.policy, kind)?.seconds;
  return Math.min((seconds ?? 0) * 1000, PROOF_LIFETIME_MS);
}

function targetProof({ target }: LinkFacts): Date | undefined {
  if (target.kind === 'nobody') return undefined;
  return target.kind === 'new' ? target.addressProvedAt : target.provedAt;
}

function isFresh(provedAt: Date | undefined, now: Date, lifeMs: number): boolean {
  if (provedAt === undefined) return false;
  const age = now.getTime() - provedAt.getTime();
  return age >= 0 && age <= lifeMs;
}

function isOlderThanState({ legacy, legacyProofs }: LinkFacts): boolean {
  const since = legacy.stateSince?.getTime();
  return since === undefined || legacyProofs.some(({ provedAt }) => provedAt.getTime() <= since);
}
