import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import type { SessionEnding } from '../lifecycle/session-endings.ts';
import type { MergeKind, Fate } from './merge-table.ts';
import type { SubjectChange } from './subject-changes.ts';

/**
 * Evidence of control of one account, for merging it: a random handle, good once, for ten minutes, in the journey and
 * browser it was made in, until something of the account changes. Keep it in sealed journey state, never in a page.
 */
export type AccountProof = string & { readonly __brand: 'AccountProof' };

/** One factor, or two. */
export type Level = 'Cl' | 'Cl.Cm';

/** Where something is proved: a proof made in one place is worth nothing in another. */
export interface ProofPlace {
  readonly journeyId: string;
  /** Of the browser's journey cookie, as the journey keeps it. */
  readonly browserKey: string;
}

export interface NewAccountProof extends ProofPlace {
  readonly accountId: string;
  /** How it was proved a moment ago: `password`, `email-code`, `password+totp`… */
  readonly method: string;
  readonly level: Level;
}

export type SideName = 'survivor' | 'absorbed';

export interface MergeRequest extends ProofPlace {
  /** The account that stays. */
  readonly survivor: string;
  /** The account that becomes part of it. */
  readonly absorbed: string;
  /** Fresh proof of both, made in this journey and browser. */
  readonly proofs: { readonly survivor: AccountProof; readonly absorbed: AccountProof };
}

export type MergeRefusal =
  | 'same-account'
  | 'account-unknown'
  | 'account-not-active'
  | 'already-merged'
  | 'proof-used'
  | 'too-many-contacts';

export type MergeDeclined =
  /** No proof of that side, one of another journey, too old, from before a change, or of a lower level than it asks for. */
  | { readonly outcome: 'needs-proof'; readonly of: SideName; readonly level: Level }
  | { readonly outcome: 'refused'; readonly reason: MergeRefusal };

export interface PlannedContact {
  readonly kind: 'email' | 'phone';
  readonly address: string;
  readonly primary: boolean;
  readonly verifiedAt: Date;
}

export interface PlannedSide {
  readonly accountId: string;
  readonly name: string | undefined;
  readonly language: 'en' | 'cy';
  readonly createdAt: Date;
  readonly contacts: readonly PlannedContact[];
  readonly hasPassword: boolean;
  readonly secondFactor: 'when-asked' | 'always';
  /** Live links only: which old systems, never the old ids. */
  readonly links: readonly { readonly linkId: string; readonly source: string; readonly linkedAt: Date }[];
  readonly sectors: readonly string[];
}

/** What the two sides cannot both keep. Each is told on the confirm page; none is a reason to refuse. */
export type MergeConflict =
  /** The survivor's password holds; the other works again when the merge is undone. */
  | { readonly about: 'password' }
  | { readonly about: 'name'; readonly stays: string | undefined; readonly other: string }
  | { readonly about: 'language'; readonly stays: 'en' | 'cy'; readonly other: 'en' | 'cy' }
  /** The stronger one holds: that of this side. */
  | { readonly about: 'second-factor'; readonly strongerIs: SideName }
  /** Services of the sector know both: the survivor's sub stays, they are told of the other. */
  | { readonly about: 'subject'; readonly sector: string };

export interface MergePlan {
  readonly survivor: PlannedSide;
  readonly absorbed: PlannedSide;
  /** Every kind of thing, in the order of the table, with how many of the absorbed account it concerns. */
  readonly rows: readonly { readonly kind: MergeKind; readonly fate: Fate; readonly count: number | undefined }[];
  readonly conflicts: readonly MergeConflict[];
  /** Days in which it can be undone. */
  readonly undoDays: number;
}

export type PlanResult = { readonly outcome: 'planned'; readonly plan: MergePlan } | MergeDeclined;

/** A contact that stood before: it must hear of it, whoever has it afterwards. */
export interface ToldContact {
  readonly of: SideName;
  readonly accountId: string;
  readonly kind: 'email' | 'phone';
  readonly address: string;
  readonly language: 'en' | 'cy';
}

export interface MergedFacts {
  readonly mergeId: string;
  readonly survivor: string;
  readonly absorbed: string;
  readonly contactsBefore: readonly ToldContact[];
  /**
   * Of both accounts. After a merge the session that the citizen is in now may go on. Never after an un-merge: its grants
   * may hold a sub that went back to the other account, and a service would go on seeing it.
   */
  readonly endings: readonly SessionEnding[];
  readonly subjects: readonly SubjectChange[];
}

export type MergeResult = ({ readonly outcome: 'merged'; readonly undoableUntil: Date } & MergedFacts) | MergeDeclined;

export type UnmergeRefusal =
  | 'not-found'
  | 'already-undone'
  | 'too-late'
  /** A later merge of this account stands on it: that one must be undone first. */
  | 'later-merge-first'
  | 'account-closed'
  /** One side would have no address left, and nobody could get into it. */
  | 'no-way-in';

export type UnmergeResult =
  | ({ readonly outcome: 'unmerged' } & MergedFacts)
  | { readonly outcome: 'refused'; readonly reason: UnmergeRefusal; readonly side?: SideName };

export interface UnmergeRequest {
  /** The account that the other one became part of: the one that is signed in. */
  readonly survivor: string;
  readonly mergeId: string;
}

export interface ListedMerge {
  readonly mergeId: string;
  readonly absorbed: string;
  readonly mergedAt: Date;
  readonly undoneAt: Date | undefined;
  readonly undoableUntil: Date;
  /** Whether it can be undone now, or why not. */
  readonly undo: 'possible' | Exclude<UnmergeRefusal, 'not-found' | 'account-closed' | 'no-way-in'>;
}

/** Two accounts of one person become one, by a ledger, and two again. */
export interface Merging {
  /** Call it right after the account was proved, and never otherwise. Undefined when the account is not active. */
  prove(tx: Transaction, proof: NewAccountProof): Promise<AccountProof | undefined>;
  /** What would happen. Needs the same proofs as the merge itself, since it tells of both sides; consumes none. */
  plan(request: MergeRequest): Promise<PlanResult>;
  /**
   * All of it or nothing, in the caller's transaction; a decline writes only its audit event. Afterwards the caller sends
   * notices (in the same transaction) and ends sessions (after the commit).
   */
  merge(
    tx: Transaction,
    request: MergeRequest & { readonly policyVersion: number; readonly meta: ActionMeta },
  ): Promise<MergeResult>;
  /** Within 30 days. The caller has just proved the survivor afresh. */
  unmerge(tx: Transaction, request: UnmergeRequest, meta: ActionMeta): Promise<UnmergeResult>;
  /** Of the account as the survivor, the latest first. */
  list(accountId: string): Promise<readonly ListedMerge[]>;
  /** The account that stands in the place of a merged one, over any number of merges; its own id when it stands. */
  standsFor(accountId: string): Promise<string>;
  /**
   * Erases what was kept to undo merges that can no longer be undone, passwords that were set aside among it. For a job;
   * answers how many, at most `limit`.
   */
  forgetLedgers(limit: number): Promise<number>;
}
