/** Everything that the decision stands on. Facts that are equal on both sides are not among them: they prove nothing. */
export interface LinkFacts {
  readonly source: { readonly status: 'open' | 'suspended' | 'unknown'; readonly proofs: readonly string[] };
  readonly legacy: {
    readonly state: 'waiting' | 'adopted' | 'released' | 'retired' | 'refused' | 'unknown';
    readonly sourceStatus: 'active' | 'disabled';
    readonly ownedByTarget: boolean;
    /** When the state was reached; a proof from before it does not count for a released account. */
    readonly stateSince: Date | undefined;
  };
  readonly legacyProof: { readonly kind: string; readonly provedAt: Date; readonly bound: boolean } | undefined;
  readonly target:
    | { readonly kind: 'new'; readonly addressProvedAt: Date | undefined; readonly addressTaken: boolean }
    | { readonly kind: 'existing'; readonly status: string | undefined; readonly provedAt: Date | undefined };
  readonly now: Date;
}

export type LinkRefusal =
  | 'source-unknown'
  | 'source-suspended'
  | 'legacy-unknown'
  | 'legacy-disabled'
  | 'legacy-retired'
  | 'already-adopted'
  | 'already-yours'
  | 'proof-not-allowed'
  | 'proof-not-bound'
  | 'account-not-active';

export type LinkDecision =
  | { readonly outcome: 'linked' }
  | { readonly outcome: 'needs-choice'; readonly reason: 'address-taken' }
  | { readonly outcome: 'needs-proof'; readonly of: 'legacy' | 'account' }
  | { readonly outcome: 'refused'; readonly reason: LinkRefusal };

/** A proof counts for this long (row E3). */
export const PROOF_LIFETIME_MS = 10 * 60 * 1000;

const refused = (reason: LinkRefusal): LinkDecision => ({ outcome: 'refused', reason });

/** The table: the first row whose condition holds is the answer. Read it from top to bottom. */
const table: readonly (readonly [when: (facts: LinkFacts) => boolean, then: LinkDecision])[] = [
  [(f) => f.source.status === 'unknown', refused('source-unknown')],
  [(f) => f.source.status === 'suspended', refused('source-suspended')],
  [(f) => f.legacy.state === 'unknown', refused('legacy-unknown')],
  [(f) => f.legacy.state === 'adopted' && f.legacy.ownedByTarget, refused('already-yours')],
  [(f) => f.legacy.state === 'adopted', refused('already-adopted')],
  [(f) => f.legacy.state === 'retired' || f.legacy.state === 'refused', refused('legacy-retired')],
  [(f) => f.legacy.sourceStatus === 'disabled', refused('legacy-disabled')],
  [(f) => f.legacyProof === undefined, { outcome: 'needs-proof', of: 'legacy' }],
  [(f) => f.legacyProof?.bound !== true, refused('proof-not-bound')],
  [(f) => !f.source.proofs.includes(f.legacyProof?.kind ?? ''), refused('proof-not-allowed')],
  [(f) => !isFresh(f.legacyProof?.provedAt, f.now), { outcome: 'needs-proof', of: 'legacy' }],
  [(f) => f.legacy.state === 'released' && isOlderThanState(f), { outcome: 'needs-proof', of: 'legacy' }],
  [(f) => f.target.kind === 'existing' && f.target.status !== 'active', refused('account-not-active')],
  [(f) => !isFresh(targetProof(f), f.now), { outcome: 'needs-proof', of: 'account' }],
  [(f) => f.target.kind === 'new' && f.target.addressTaken, { outcome: 'needs-choice', reason: 'address-taken' }],
];

/** Decides whether a legacy account may be linked. Pure: first sign-in, adding an old account and bulk runs all ask here. */
export function decideLink(facts: LinkFacts): LinkDecision {
  return table.find(([when]) => when(facts))?.[1] ?? { outcome: 'linked' };
}

function targetProof({ target }: LinkFacts): Date | undefined {
  return target.kind === 'new' ? target.addressProvedAt : target.provedAt;
}

function isFresh(provedAt: Date | undefined, now: Date): boolean {
  if (provedAt === undefined) return false;
  const age = now.getTime() - provedAt.getTime();
  return age >= 0 && age <= PROOF_LIFETIME_MS;
}

function isOlderThanState({ legacy, legacyProof }: LinkFacts): boolean {
  return legacy.stateSince === undefined || (legacyProof?.provedAt.getTime() ?? 0) <= legacy.stateSince.getTime();
}
