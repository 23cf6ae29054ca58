import type { HeldProof } from './account-proofs.ts';
import type { MergeDeclined, SideName } from './merging.ts';
import type { Pair, Side } from './sides.ts';

export const MAX_CONTACTS = 12;

export interface MergeFacts {
  readonly sameAccount: boolean;
  readonly survivor: Side | undefined;
  readonly absorbed: Side | undefined;
  readonly proofs: { readonly survivor: HeldProof | undefined; readonly absorbed: HeldProof | undefined };
}

type Reason = Extract<MergeDeclined, { outcome: 'refused' }>['reason'];

const refused = (reason: Reason) => (): MergeDeclined => ({ outcome: 'refused', reason });
const needsProof =
  (of: SideName) =>
  (facts: MergeFacts): MergeDeclined => ({ outcome: 'needs-proof', of, level: levelOf(facts[of]) });

/** The table: the first row whose condition holds is the answer. Read it from top to bottom. */
const table: readonly (readonly [when: (facts: MergeFacts) => boolean, then: (facts: MergeFacts) => MergeDeclined])[] =
  [
    [(f) => f.sameAccount, refused('same-account')],
    // Nothing is told of an account whose control was not proved, not even that there is one.
    [(f) => !f.proofs.survivor, needsProof('survivor')],
    [(f) => !f.proofs.absorbed, needsProof('absorbed')],
    [(f) => f.proofs.survivor?.consumed === true || f.proofs.absorbed?.consumed === true, refused('proof-used')],
    [(f) => !f.survivor || !f.absorbed, refused('account-unknown')],
    [(f) => statusesOf(f).includes('merged'), refused('already-merged')],
    [(f) => statusesOf(f).some((status) => status !== 'active'), refused('account-not-active')],
    [(f) => !isGood(f, 'survivor'), needsProof('survivor')],
    [(f) => !isGood(f, 'absorbed'), needsProof('absorbed')],
    [(f) => contactsOf(f) > MAX_CONTACTS, refused('too-many-contacts')],
  ];

/** Whether two accounts may become one. Pure. What is equal on both sides is not among the facts: it proves nothing. */
export function decideMerge(facts: MergeFacts): MergeDeclined | { outcome: 'merge'; pair: Pair } {
  const declined = table.find(([when]) => when(facts))?.[1](facts);
  if (declined) return declined;
  const { survivor, absorbed } = facts;
  if (!survivor || !absorbed) return { outcome: 'refused', reason: 'account-unknown' };
  return { outcome: 'merge', pair: { survivor, absorbed } };
}

const statusesOf = ({ survivor, absorbed }: MergeFacts): unknown[] => [survivor?.status, absorbed?.status];

const contactsOf = ({ survivor, absorbed }: MergeFacts): number =>
  [survivor, absorbed].reduce((sum, side) => sum + emailsOf(side), 0);

const emailsOf = (side: Side | undefined): number =>
  (side?.contacts ?? []).filter(({ kind }) => kind === 'email').length;

/** Who asks for a second factor at every sign-in asks for it here too: else merging would be a way round it (34). */
const levelOf = (side: Side | undefined): 'Cl' | 'Cl.Cm' => (side?.secondFactor === 'always' ? 'Cl.Cm' : 'Cl');

function isGood({ proofs, ...sides }: MergeFacts, name: SideName): boolean {
  const proof = proofs[name];
  if (!proof || proof.stale) return false;
  return levelOf(sides[name]) === 'Cl' || proof.level === 'Cl.Cm';
}
