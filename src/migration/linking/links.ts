import type { ActionMeta, SessionEnding } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Assurance } from '../sources/proof-policy.ts';
import type { LegacyId, LegacyIdsRequest } from './legacy-ids.ts';

/** Why a link was undone: a word that pages and reports translate, never free text about a person. */
export const UNDO_REASONS = ['not-wanted', 'not-mine', 'mistake', 'wrong-person', 'fraud'] as const;
export type UndoReason = (typeof UNDO_REASONS)[number];

/** An operator's undo can be taken back for this long (linking-attacks 17). */
export const WAY_BACK_MS = 7 * 24 * 3600 * 1000;

type Named = { readonly en: string; readonly cy?: string | undefined };

/** One old account of an account, for its owner's eyes: which system, never the old id. */
export interface ListedLink {
  readonly linkId: string;
  readonly source: string;
  readonly sourceName: Named;
  readonly linkedAt: Date;
  readonly assurance: Assurance;
  readonly undone: UndoneLink | undefined;
}

export interface UndoneLink {
  readonly at: Date;
  /** `citizen`, `operator:<name>` or `system`. */
  readonly by: string;
  readonly reason: string;
  /** Until when it can be taken back; undefined: only by proving the old account anew. */
  readonly wayBackUntil: Date | undefined;
}

/** Why is this linked? Everything that a page or an operator needs to say it in words. */
export interface LinkExplanation extends ListedLink {
  readonly accountId: string;
  readonly linkedBy: string;
  readonly proofs: readonly ExplainedProof[];
  readonly policy: {
    readonly version: number;
    /** In force now; another than `version` when it changed since. */
    readonly versionNow: number | undefined;
    readonly kinds: readonly string[];
  };
  /** Whether the account was made by this link, with the old password. */
  readonly createdAccount: boolean;
  /** Sectors whose services know the person by the old id since. */
  readonly sectors: readonly string[];
  readonly legacyState: string;
}

export interface ExplainedProof {
  /** Of which side; `link`: it was taken back into force. */
  readonly of: 'legacy' | 'account' | 'address' | 'link';
  readonly kind: string;
  readonly at: Date;
  readonly strength: string | undefined;
}

export type UndoRefusal =
  | 'link-unknown'
  | 'already-undone'
  | 'account-not-active'
  | 'reason-unknown'
  | 'not-undone'
  | 'way-back-closed'
  | 'adopted-since'
  | 'source-suspended'
  | 'legacy-disabled';

export type UndoResult =
  | { readonly outcome: 'undone'; readonly changes: UndoneChanges; readonly ending: SessionEnding }
  | { readonly outcome: 'needs-proof'; readonly of: 'account' }
  | { readonly outcome: 'refused'; readonly reason: UndoRefusal };

/** What an undo did beside the link itself. */
export interface UndoneChanges {
  /** Of the password that came with the old account; `kept-last`: without it nobody could sign in any more (L15). */
  readonly password: 'none' | 'removed' | 'kept-changed' | 'kept-last';
  /** Sectors that do not know the account by the old id any more. */
  readonly sectors: readonly string[];
}

export type RestoreResult =
  | { readonly outcome: 'restored'; readonly linkId: string; readonly ending: SessionEnding }
  | { readonly outcome: 'needs-proof'; readonly of: 'account' }
  | { readonly outcome: 'refused'; readonly reason: UndoRefusal | 'subject-taken' };

/** What is handed to the hook that writes the notices, in the transaction of the change. */
export interface LinkChangeFacts {
  readonly accountId: string;
  readonly linkId: string;
  readonly source: string;
  readonly sourceName: Named;
  readonly language: 'en' | 'cy';
  /** Every address of the account, as it stood before. */
  readonly contactsBefore: readonly string[];
  /** The address that the old system had. Nothing proves whose it is now. */
  readonly oldEmail: string | undefined;
}
export type LinkHook = (tx: Transaction, facts: LinkChangeFacts) => Promise<void>;

export interface CitizenChange {
  readonly accountId: string;
  readonly linkId: string;
  /** When this browser proved control of the account, in this journey: ten minutes at most. */
  readonly accountProvedAt: Date;
  readonly meta: ActionMeta;
  readonly alsoInTransaction?: LinkHook | undefined;
}

/** The links of an account: seen, explained, undone. Operators undo through `OperatorRequests`, two of them. */
export interface Links {
  /** Live ones, oldest first; `withUndone`: the whole history. */
  list(accountId: string, options?: { readonly withUndone?: boolean }): Promise<readonly ListedLink[]>;
  /** Pages give the account: a link of somebody else is not known. Operators have nothing but the link. */
  explain(linkId: string, of?: { readonly accountId: string }): Promise<LinkExplanation | undefined>;
  /** By its owner. The old account is released: whoever wants it proves it anew. The caller ends the sessions. */
  undo(change: CitizenChange & { readonly reason: UndoReason }): Promise<UndoResult>;
  /** By its owner, when operators undid it, within seven days. */
  restore(change: CitizenChange): Promise<RestoreResult>;
  /** For services, as their registration allows: the old ids themselves. Personal data. */
  legacyIds(request: LegacyIdsRequest): Promise<readonly LegacyId[]>;
  /** For operators: links of one source in the order they were made, a page at a time. */
  ofSource(source: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<SourceLinks>;
}

export interface SourceLinks {
  readonly links: readonly {
    readonly linkId: string;
    readonly accountId: string;
    readonly linkedAt: Date;
    readonly assurance: string;
    readonly undoneAt: Date | undefined;
  }[];
}
