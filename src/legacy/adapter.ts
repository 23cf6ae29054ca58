import type { Answered, Asking, Words } from './answer.ts';
import type { Egress } from './egress/egress.ts';

export type Family = 'http' | 'ldap' | 'radius' | 'saml' | 'oidc' | 'ticket' | 'edge' | 'knowledge' | 'code' | 'otp';

/** What every adapter has. An adapter is made from configuration, keeps nothing of a person, and writes no account. */
interface Common<Kind extends string> {
  readonly kind: Kind;
  readonly family: Family;
  /** Asks the old system whether it is there, without a person. Resolves when it is. @throws LegacyFault */
  health(signal: AbortSignal): Promise<void>;
  /** Ends connections. */
  close(): Promise<void>;
}

/** Where one attempt happens: what a code or a state must be bound to. Opaque to adapters. */
export type Binding = readonly string[];

export interface Opening {
  readonly binding: Binding;
  readonly language: 'en' | 'cy';
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
}

export interface Round extends Opening {
  /** What was typed, by the names of the fields that were asked; a missing one is ''. At most 1,024 characters each. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of the `asks` that these are the answer to; '' for the first. Sealed while it was away: it can be trusted. */
  readonly state: string;
}

/** The secret is typed on our page: one round, or several. */
export interface PasswordAdapter extends Common<'password'> {
  /** What to ask first. Depends on nobody. */
  open(opening: Opening): Promise<Asking>;
  /** @throws LegacyFault when the old system cannot be asked; anything else thrown is a fault of ours. */
  answer(round: Round): Promise<Answered | Asking>;
}

export interface Departure {
  readonly language: 'en' | 'cy';
  readonly signal: AbortSignal;
  /** Where the old system sends the browser back to: fixed for a source. */
  readonly callbackUrl: string;
  /** At most 80 characters, more than 200 bits of them random; must come back as RelayState, state, wctx or in the service URL. */
  readonly handle: string;
}

export type Departed =
  | { readonly outcome: 'redirect'; readonly url: string; readonly state: string }
  /** A form that the browser posts to the old system. */
  | {
      readonly outcome: 'form';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly state: string;
    };

export interface Return {
  readonly callbackUrl: string;
  readonly handle: string;
  /** As `depart` gave it. */
  readonly state: string;
  /** Query of the callback, or fields of the form that was posted to it. None appears twice. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The browser goes to the old system and comes back with a signed statement. */
export interface RedirectAdapter extends Common<'redirect'> {
  depart(departure: Departure): Promise<Departed>;
  /** The handle a return carries, before anything of it is believed: it finds the journey. */
  handleOf(parameters: Readonly<Record<string, string>>): string | undefined;
  finish(back: Return): Promise<Answered>;
}

/** A request as it came in; nothing of it is believed yet. */
export interface Came {
  /** Every value that came, by lower-case name: a name that came twice has two. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Network address of the peer that holds the connection, never what a header says. */
  readonly peer: string;
  /** Of the peer's own TLS certificate, when it has shown one that the listener trusts. Hex of SHA-256. */
  readonly peerCertificate: string | undefined;
}

export interface Sifted {
  /** What `read` looks at, and names that could pass for it. Nothing else of a request may be kept. */
  readonly headers: Came['headers'];
  /** Whether the gateway has sent it. `read` judges that again. */
  readonly isFromGateway: boolean;
}

export interface Arrival extends Came {
  /** Random, as the browser was sent through the gateway with it; it is that of the journey. */
  readonly handle: string;
  readonly binding: Binding;
  readonly signal: AbortSignal;
}

/** A proxy or the TLS layer in front of us says who it is. */
export interface AssertionAdapter extends Common<'assertion'> {
  /** Where the browser must be sent so that the proxy sees it. */
  readonly entryUrl: string;
  sift(came: Came): Sifted;
  read(arrival: Arrival): Promise<Answered>;
}

export type LegacyAdapter = PasswordAdapter | RedirectAdapter | AssertionAdapter;

/** What an adapter may use of the world. */
export interface AdapterContext {
  readonly source: string;
  readonly identifierLabel: Words;
  readonly egress: Egress;
  /** A secret by its name in the settings. @throws LatchkeyError `config_invalid` */
  readonly secret: (name: string) => string;
  readonly records: LegacyRecords;
  readonly replays: Replays;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Buffer;
}

/** Remembers statements that were used, for every node and over a restart (E5, L8). Insert-only. */
export interface Replays {
  /** False when the key was used before. `key`: at most 200 characters, and nothing of a person in it. */
  once(key: string, until: Date): Promise<boolean>;
}

/** One row of an export that was imported, for adapters that check against it. */
export interface LegacyRecord {
  /** The old system's own id. */
  readonly accountKey: string;
  readonly login: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly postcode?: string | undefined;
  /** Columns that the definition of the source names in `file.extras`. */
  readonly extras: Readonly<Record<string, string>>;
}

/** Rows of the one source. Same work whether there is somebody or not. */
export interface LegacyRecords {
  /** By user name or old id, as typed. Undefined for nobody, and for one who may not sign in. */
  find(typed: string): Promise<LegacyRecord | undefined>;
  /** The old password, by the verifier chain; equal work for nobody. */
  checkPassword(typed: string, password: string): Promise<boolean>;
  /** A number kept beside a row: last code used, counter, tries. */
  counter(accountKey: string, name: string): Promise<number | undefined>;
  /** Compare-and-set: false when it is not `from` any more. `undefined`: there is none yet. */
  advance(
    accountKey: string,
    name: string,
    step: { readonly from: number | undefined; readonly to: number },
  ): Promise<boolean>;
}

export type Channel = 'email' | 'text' | 'voice' | 'post';

/** Codes to an address on record, kept and counted elsewhere. */
export interface Delivery {
  /**
   * Sends a code, or a link that holds it. `to` undefined: nobody is there, and the same work is done for nothing.
   * Returns a challenge to check against.
   */
  send(message: {
    readonly channel: Channel;
    readonly style: 'code' | 'link';
    readonly to: string | undefined;
    readonly language: 'en' | 'cy';
    readonly lifetimeSeconds: number;
    readonly binding: Binding;
    /** Of an adapter that makes and checks the code itself (a letter outlives the journey); nothing is kept of it. */
    readonly code?: string | undefined;
  }): Promise<{ readonly challenge: string }>;
  /** Counts the try first. */
  check(challenge: string, code: string, binding: Binding): Promise<'ok' | 'wrong' | 'expired' | 'used-up'>;
}
