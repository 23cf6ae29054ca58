import type { Queryable, Transaction } from '../platform/postgres/database.ts';
import type { PasswordHash } from './credentials/hash-password.ts';
import type { Attempts } from './credentials/count-attempts.ts';
import type { PasswordPolicy } from './credentials/judge-password.ts';
import type { OneTimeCodes } from './credentials/one-time-codes.ts';
import type { LegacyVerifiers } from './credentials/verifiers/verify-legacy-hash.ts';
import type { Contacts } from './identities/contacts.ts';
import type { Devices } from './identities/remember-device.ts';
import type { Merging } from './merging/merging.ts';
import type { Linking } from './lifecycle/note-link.ts';
import type { SessionEndings } from './lifecycle/session-endings.ts';
import type { Organisations } from './organisations/organisations.ts';
import type { Subjects } from './subjects/subjects.ts';

/** Who does something, for the audit: `citizen`, `system` or `operator:<name>`. */
export interface ActionMeta {
  readonly actor: string;
  readonly correlationId?: string | undefined;
}

export type Language = 'en' | 'cy';

export interface AccountEmail {
  readonly identityId: string;
  /** As the citizen typed it, trimmed. */
  readonly address: string;
  readonly primary: boolean;
  readonly verifiedAt: Date;
}

export interface Account {
  readonly accountId: string;
  /** `merged`: another account stands in its place, with all of its contacts. */
  readonly status: 'active' | 'suspended' | 'closed' | 'merged';
  readonly language: Language;
  readonly name: string | undefined;
  /** Primary first, then oldest first. */
  readonly emails: readonly AccountEmail[];
  readonly hasPassword: boolean;
  /** Carried over from an old system and weaker than today's rule. */
  readonly passwordBelowPolicy: boolean;
  readonly createdAt: Date;
  /** Rises with every change of credential, contact or link. */
  readonly version: number;
}

export interface NewAccount {
  /** Proved by the citizen a moment ago: an unproved address must never come here (L1). */
  readonly email: string;
  readonly language: Language;
  readonly name?: string | undefined;
  readonly password: PasswordHash | undefined;
  readonly passwordBelowPolicy?: boolean | undefined;
}

export type CreateOutcome =
  | { readonly outcome: 'created'; readonly accountId: string }
  | { readonly outcome: 'email-taken'; readonly accountId: string };

export type AddEmailOutcome =
  | { readonly outcome: 'added'; readonly identityId: string }
  | { readonly outcome: 'already-there' }
  | { readonly outcome: 'email-taken' }
  | { readonly outcome: 'too-many' };

export type PasswordCheck =
  /** `weak`: below today's rule or on the common list; ask for a new one (A4). */
  | { readonly outcome: 'match'; readonly accountId: string; readonly weak?: boolean }
  | { readonly outcome: 'mismatch' }
  /** 100 wrong passwords in a row: this password is switched off until it is set anew (A8). */
  | { readonly outcome: 'blocked'; readonly accountId?: undefined };

/** One account per person. Every method throws LatchkeyError `unavailable` when Postgres is away. */
export interface Accounts {
  /** One statement. Undefined when there is no such account. */
  read(accountId: string): Promise<Account | undefined>;
  /** The account that holds a proved address, whatever its status. */
  findByEmail(address: string): Promise<string | undefined>;
  /** The look-up key of an address: for comparing in bulk, never for telling anybody. */
  emailKeyOf(address: string): Buffer;
  /** Which of these addresses, by key, accounts hold; hex. */
  heldEmails(queryable: Queryable, keys: readonly Buffer[]): Promise<ReadonlySet<string>>;
  /** Claims the address and writes the account with its password, in the caller's transaction. */
  create(tx: Transaction, account: NewAccount, meta: ActionMeta): Promise<CreateOutcome>;
  /** Adds an address that was proved a moment ago; up to 12. @throws LatchkeyError `not_found`. */
  addEmail(
    tx: Transaction,
    accountId: string,
    email: { readonly address: string; readonly primary?: boolean },
    meta: ActionMeta,
  ): Promise<AddEmailOutcome>;
  /** Replaces the password and forgets earlier wrong tries. @throws LatchkeyError `not_found`. */
  setPassword(
    tx: Transaction,
    accountId: string,
    password: { readonly hash: PasswordHash; readonly belowPolicy: boolean },
    meta: ActionMeta,
  ): Promise<void>;
  /**
   * Same work whether or not anybody has the address. Counts the try before looking at the password, re-hashes when
   * parameters rose. Someone suspended gets `mismatch`. Longer than 1,024 bytes is a mismatch without any work.
   * @throws LatchkeyError `busy` when too many hashes wait.
   */
  checkPassword(address: string, password: string): Promise<PasswordCheck>;
  /** The same for a known account (re-authentication). */
  checkPasswordOf(accountId: string, password: string): Promise<PasswordCheck>;
  /** argon2id of the NFKC form. @throws LatchkeyError `too_large` over 1,024 bytes, `busy` when too many wait. */
  hashPassword(password: string): Promise<PasswordHash>;
  readonly passwordPolicy: PasswordPolicy;
  readonly verifiers: LegacyVerifiers;
  readonly codes: OneTimeCodes;
  readonly attempts: Attempts;
  readonly devices: Devices;
  readonly subjects: Subjects;
  readonly merging: Merging;
  readonly linking: Linking;
  readonly contacts: Contacts;
  readonly organisations: Organisations;
  readonly endings: SessionEndings;
}
