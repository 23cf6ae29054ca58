import type { Came, Field, Notice, Sifted } from '../../legacy/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { LegacyProof, ProofPlace } from '../adoption/adoption-types.ts';
import type { ProofKind } from '../sources/proof-policy.ts';

/**
 * A way to prove an old account, as a citizen chooses it. `old-system`: by the sign-in method of the old system itself;
 * `code-in-hand`: a code from a letter, or from two operators.
 */
export const OLD_WAYS = ['old-password', 'old-system', 'contact-code', 'reference-and-fact', 'code-in-hand'] as const;
export type OldWay = (typeof OLD_WAYS)[number];

/** A code or a link that must go out in the transaction in which it is made. */
export interface OutgoingCode {
  readonly channel: 'email' | 'text' | 'voice' | 'post';
  readonly style: 'code' | 'link';
  /** Undefined: there is nobody to send it to; the same work is to be done for nothing (A11). */
  readonly to: string | undefined;
  readonly code: string;
  readonly lifetimeSeconds: number;
}

export interface ProvingAttempt {
  readonly source: string;
  readonly way: OldWay;
  /** What this journey proves and where: proofs are bound to it. */
  readonly place: ProofPlace;
  /** Network address of the browser: attempts are counted by it. */
  readonly ip: string;
  readonly language: 'en' | 'cy';
  /** Goes in front of the handle of a departure, so that a return finds its journey. `[A-Za-z0-9_-]{1,43}`. */
  readonly tag: string;
  readonly deliver: (tx: Transaction, message: OutgoingCode) => Promise<void>;
}

export interface ProvingAnswer extends ProvingAttempt {
  /** As `asks` gave it; keep it sealed, it may hold secrets of the old side. */
  readonly state: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the page is to ask for; labels with a `key` have words on our pages. */
export interface Asks {
  readonly outcome: 'asks';
  readonly prompt: { readonly fields: readonly Field[]; readonly notice?: Notice | undefined };
  readonly state: string;
}

/** An old account was proved. */
export interface Match {
  readonly outcome: 'match';
  /** Hex; of the old account, for `describe`. */
  readonly legacyKey: string;
  readonly proof: LegacyProof;
  readonly kind: ProofKind;
  /** Whether the password that was typed goes along: if not, a new account needs one of its own. */
  readonly carriesPassword: boolean;
  /** As of a mismatch: a proof of somebody else is one to the pages. */
  readonly refusal?: string;
}

export type ProvingResult =
  | Asks
  | Match
  /** Unknown, wrong, disabled, moved already: one answer for all (A11). */
  | {
      readonly outcome: 'mismatch';
      /** Where a later question was answered wrong: the first one, to begin anew. */
      readonly again?: Asks;
      /**
       * Where people are to be moved from one side to the other: for `sideBySide.cutover.hear`, should they complain. Keep it
       * sealed, and look at nothing but whether it is there, which says nothing of anybody.
       */
      readonly refusal?: string;
    }
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number }
  /** The old system cannot be asked now; it is not the citizen's mistake. */
  | { readonly outcome: 'unavailable' };

/** The browser must go to the old system, and comes back to the callback address of the source. */
export type Leave =
  | { readonly outcome: 'redirect'; readonly url: string; readonly handle: string; readonly state: string }
  | {
      readonly outcome: 'form';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly handle: string;
      readonly state: string;
    }
  /** Through the gateway in front of us, which says who it is. */
  | { readonly outcome: 'enter'; readonly url: string; readonly handle: string; readonly state: string };

export interface ReturnedBrowser {
  readonly attempt: ProvingAttempt;
  /** As `start` gave them. */
  readonly handle: string;
  readonly state: string;
  /** Query or form fields of the callback, none twice. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ArrivedBrowser {
  readonly attempt: ProvingAttempt;
  /** As `start` gave it. */
  readonly handle: string;
  readonly came: Came;
}

/** How citizens prove an old account, whatever the sign-in method was. */
export interface Proving {
  /** The ways that the source's policy allows, the strongest first. From configuration, never from a person. */
  ways(source: string): Promise<readonly OldWay[]>;
  /** Whether proofs of these kinds are enough to link an account of this source. */
  isEnough(source: string, kinds: readonly ProofKind[]): Promise<boolean>;
  start(attempt: ProvingAttempt): Promise<Asks | Leave | Exclude<ProvingResult, Asks | Match>>;
  answer(answer: ProvingAnswer): Promise<ProvingResult>;
  /** The handle that a return carries, before anything of it is believed. */
  handleOf(source: string, parameters: Readonly<Record<string, string>>): Promise<string | undefined>;
  returned(back: ReturnedBrowser): Promise<ProvingResult>;
  /** What may be kept of a request that came by the gateway of a source; undefined where a source has none. */
  sift(source: string, came: Came): Promise<Sifted | undefined>;
  arrived(browser: ArrivedBrowser): Promise<ProvingResult>;
}
