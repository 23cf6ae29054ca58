import type { ActionMeta, PasswordHash, SessionEnding } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Assurance, ProofKind } from '../sources/proof-policy.ts';
import type { LinkRefusal, ProofLack } from './decide-link.ts';

/**
 * Evidence of control of one old account: a random handle whose row is bound to (source, legacy account, journey,
 * browser, purpose). Good once, for ten minutes. Keep it in the sealed journey state, never in a page.
 */
export type LegacyProof = string & { readonly __brand: 'LegacyProof' };

/** What a proof is good for: one made for one purpose is refused for another (linking-attacks 13). */
export type ProofPurpose = 'first-sign-in' | 'add-old-account';

/** Where something is proved: a proof made in one place is worth nothing in another. */
export interface ProofPlace {
  readonly journeyId: string;
  /** Of the browser's journey cookie, as the journey keeps it. */
  readonly browserKey: string;
  /** `first-sign-in` when left out. */
  readonly purpose?: ProofPurpose | undefined;
  /** The account that is signed in; must be given for `add-old-account`: the proof is bound to it. */
  readonly accountId?: string | undefined;
}

export interface OldPasswordAttempt extends ProofPlace {
  readonly source: string;
  readonly login: string;
  readonly password: string;
  /** Network address of the browser: one of the three things that attempts are counted by. */
  readonly ip: string;
}

export type OldPasswordResult =
  | {
      readonly outcome: 'match';
      readonly legacyKey: string;
      readonly proof: LegacyProof;
      /** `old-sign-in` where only the old system knew the password. */
      readonly kind: ProofKind;
    }
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number }
  /** The old system, whose word counts, cannot be asked now; it is not the citizen's mistake. */
  | { readonly outcome: 'unavailable' };

/** What a page may say of an old account, only after its password was proved. */
export interface OldAccountSummary {
  readonly source: string;
  readonly sourceName: { readonly en: string; readonly cy: string };
  readonly name: string | undefined;
  /** `s•••@example.org`: enough to recognise, too little to collect. */
  readonly emailHint: string | undefined;
  /** Several people know what it is proved with: it becomes an organisation. */
  readonly isShared: boolean;
}

export type AdoptTarget =
  | {
      readonly newAccount: {
        readonly email: string;
        /** When this browser proved the address by code, in this journey. */
        readonly emailProvedAt: Date;
        readonly language: 'en' | 'cy';
        /** Chosen in this journey; for proofs that carry no password along. */
        readonly password?: { readonly hash: PasswordHash; readonly belowPolicy: boolean } | undefined;
      };
    }
  | {
      readonly accountId: string;
      /** When this browser proved control of that account, in this journey. */
      readonly accountProvedAt: Date;
    };

export type AdoptRequest = ProofPlace &
  AdoptTarget & {
    readonly proof: LegacyProof;
    /** Where the policy of the source asks for more than one. */
    readonly furtherProofs?: readonly LegacyProof[] | undefined;
    readonly meta: ActionMeta;
    /** Runs at the end of the transaction: for the notices that must go out if and only if the adoption stands. */
    readonly alsoInTransaction?: (tx: Transaction, adopted: AdoptedFacts) => Promise<void>;
  };

/** A signed-in citizen adds an old account. */
export type AddRequest = Omit<AdoptRequest, 'newAccount' | 'purpose'> & {
  readonly accountId: string;
  readonly accountProvedAt: Date;
};

export interface AdoptedFacts {
  readonly accountId: string;
  /** Undefined where it became an organisation. */
  readonly linkId: string | undefined;
  readonly created: boolean;
  /** Addresses that the account had before; none of a new one. All of them are to be told. */
  readonly contactsBefore: readonly string[];
  /** The contact that the old system had: it is told too. Nothing proves that it is still the same person's. */
  readonly oldEmail: string | undefined;
}

export type AdoptRefusal = LinkRefusal | 'proof-invalid' | 'proof-used' | 'proof-expired' | 'subject-taken';

export type AdoptResult =
  | {
      readonly outcome: 'adopted';
      readonly accountId: string;
      readonly linkId: string;
      readonly created: boolean;
      readonly assurance: Assurance;
      readonly subjects: readonly { readonly sector: string; readonly outcome: 'inherited' | 'kept' }[];
      /** Of an account that was there before: a stranger's session must not gain what was just brought along. */
      readonly endings: readonly SessionEnding[];
    }
  /** It was shared: nothing is linked; the account is the first administrator of an organisation. */
  | {
      readonly outcome: 'organised';
      readonly accountId: string;
      readonly organisationId: string;
      readonly created: boolean;
      readonly endings: readonly SessionEnding[];
    }
  /** Somebody has the address already: sign in to that account, then add the old one to it. */
  | { readonly outcome: 'needs-choice'; readonly reason: 'address-taken' }
  | { readonly outcome: 'needs-proof'; readonly of: 'legacy' | 'account'; readonly because: ProofLack }
  | { readonly outcome: 'refused'; readonly reason: AdoptRefusal };
