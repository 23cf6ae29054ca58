import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import type { CodeCheck } from '../credentials/one-time-codes.ts';
import type { SessionEnding } from '../lifecycle/session-endings.ts';
import type { ProofPlace } from '../merging/merging.ts';

/** Why an address cannot be removed now. */
export type RemovalRefusal =
  | 'not-found'
  /** It is the only one: nobody could get into the account any more (L15). */
  | 'last'
  /** Another one must come first, first. */
  | 'primary'
  /** It stood when two accounts became one: it stays for as long as that can be undone. */
  | 'locked'
  | 'already-leaving';

export interface ListedContact {
  readonly identityId: string;
  readonly address: string;
  readonly primary: boolean;
  readonly addedAt: Date;
  /** It was removed: until then it gets every notice, opens the account, and can be kept. */
  readonly leavesAt: Date | undefined;
  /** Until when a merge that could be undone keeps it. */
  readonly lockedUntil: Date | undefined;
  readonly removal: 'possible' | RemovalRefusal;
}

export interface ChangePlace {
  readonly accountId: string;
  /** The browser and the sign-in that ask: another one can neither see nor finish it. */
  readonly place: ProofPlace;
}

export type BeginResult =
  /** To be sent to the new address, and nowhere else. Whether somebody has the address is not known here. */
  | { readonly outcome: 'begun'; readonly code: string; readonly expiresAt: Date }
  | { readonly outcome: 'already-there' | 'too-many' };

export interface FinishRequest extends ChangePlace {
  readonly code: string;
  readonly meta: ActionMeta;
  /** For the notices, which must go out if and only if the address was added. */
  readonly alsoInTransaction?: ((tx: Transaction, added: { readonly address: string }) => Promise<void>) | undefined;
}

export type FinishResult =
  | { readonly outcome: 'added'; readonly address: string; readonly ending: SessionEnding }
  /** Told only now that the mailbox is proved: another account has it. */
  | { readonly outcome: 'taken'; readonly address: string }
  | { readonly outcome: 'already-there' | 'too-many' }
  /** None is under way here: it ran out, another one took its place, or something of the account was changed since. */
  | { readonly outcome: 'void' }
  | { readonly outcome: Exclude<CodeCheck, 'ok'> };

export interface ContactRequest {
  readonly accountId: string;
  readonly identityId: string;
}

export type RemoveResult =
  | { readonly outcome: 'leaving'; readonly address: string; readonly leavesAt: Date }
  | { readonly outcome: 'refused'; readonly reason: RemovalRefusal };

export type PrimaryResult =
  | { readonly outcome: 'primary'; readonly address: string }
  | { readonly outcome: 'refused'; readonly reason: 'not-found' | 'already-leaving' | 'already-primary' };

/** The addresses that an account is known by: added by proof, removed with a week to think better of it. */
export interface Contacts {
  list(accountId: string): Promise<readonly ListedContact[]>;
  /** One change an account, for fifteen minutes; a second one takes its place. */
  begin(tx: Transaction, change: ChangePlace & { readonly address: string }, meta: ActionMeta): Promise<BeginResult>;
  /** The address that is being added from here; undefined when there is none that could still be finished. */
  pending(of: ChangePlace): Promise<string | undefined>;
  finish(request: FinishRequest): Promise<FinishResult>;
  makePrimary(tx: Transaction, contact: ContactRequest, meta: ActionMeta): Promise<PrimaryResult>;
  remove(tx: Transaction, contact: ContactRequest, meta: ActionMeta): Promise<RemoveResult>;
  /** Takes a removal back. False: it is not on its way out. */
  keep(tx: Transaction, contact: ContactRequest, meta: ActionMeta): Promise<boolean>;
  /**
   * Addresses that were added after `address`. Whoever proves an address is at least as much the owner as who came later,
   * and may remove those at once (linking-attacks 3); never the other way round.
   */
  youngerThan(accountId: string, address: string): Promise<readonly ListedContact[]>;
  /** For a recovery by `proved`: keeps that one, removes the younger ones but `keep`. Returns what went. */
  takeOver(
    tx: Transaction,
    recovery: { readonly accountId: string; readonly proved: string; readonly keep: readonly string[] },
    meta: ActionMeta,
  ): Promise<readonly string[]>;
  /** For a job: what has been on its way out for long enough goes. Returns how many went. */
  finishRemovals(limit: number): Promise<number>;
}
