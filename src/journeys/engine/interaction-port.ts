import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a service asked for, as the pages need it. Nothing of it came from the citizen's typing but `loginHint`. */
export interface Interaction {
  /** The interaction's id: the path segment after /sign-in/. Only good together with the browser's signed cookie. */
  readonly uid: string;
  /** Why the citizen is here: `login` (no session, or too old), `consent`, or `select_account`. */
  readonly prompt: 'login' | 'consent' | 'select_account';
  /** The account of the session the browser already holds: set when only re-authentication is asked for. */
  readonly sessionAccountId: string | undefined;
  readonly clientId: string;
  readonly service: ServiceBranding;
  readonly uiLocales: readonly string[];
  readonly loginHint: string | undefined;
  /** One of the service's old sources: the journey begins with bringing an account of it along. */
  readonly oldSource?: string | undefined;
  /** Levels that satisfy the request, weakest first. */
  readonly levels: readonly ('Cl' | 'Cl.Cm')[];
  readonly expiresAt: Date;
}

export interface ServiceBranding {
  readonly name: { readonly en: string; readonly cy: string };
  /** A path of ours. */
  readonly logoUrl: string | undefined;
  readonly policyUrl: string | undefined;
  readonly termsUrl: string | undefined;
  readonly homeUrl: string | undefined;
  /** Origin of the redirect address: pages must allow it in `form-action`. */
  readonly redirectOrigin: string;
  /** The old sources whose accounts may be brought along at this service. */
  readonly sources: readonly string[];
}

export interface SignedIn {
  readonly accountId: string;
  /** What happened in this session, as authentication method references (RFC 8176): `pwd`, `otp`… */
  readonly amr: readonly string[];
  readonly level: 'Cl' | 'Cl.Cm';
}

export interface BrowserSession {
  readonly accountId: string;
  readonly sessionKey: string;
  readonly authTime: Date;
}

/**
 * What the citizens' pages need of the protocol side; `oidc/interaction` satisfies it, `app.ts` joins them.
 * Every method throws LatchkeyError `unavailable` when a store is away.
 */
export interface InteractionPort {
  /** The interaction of this browser, or `undefined` when there is none (expired, finished, or another browser's). */
  load(request: FastifyRequest, reply: FastifyReply): Promise<Interaction | undefined>;
  /** Ends the interaction with a sign-in. Returns where to send the browser (303). */
  finish(request: FastifyRequest, reply: FastifyReply, result: SignedIn): Promise<string>;
  /**
   * Ends the interaction without a new proof: the account of the session goes on (`select_account`), or the citizen
   * agreed to go on to the service (`consent`). The session's `auth_time` stays as it was. Returns where to go.
   */
  confirm(request: FastifyRequest, reply: FastifyReply): Promise<string>;
  /** Ends the interaction with an OAuth error (`access_denied` when the citizen walks away). Returns where to go. */
  abandon(request: FastifyRequest, reply: FastifyReply, error: 'access_denied'): Promise<string>;
  /** The signed-in session of this browser, for the account pages; undefined when not signed in. */
  session(request: FastifyRequest, reply: FastifyReply): Promise<BrowserSession | undefined>;
  /** Where to send a browser that must sign in for our own pages; it comes back to `returnPath`. `fresh` asks for the password again. */
  signInPath(returnPath: string, options?: { fresh?: boolean }): string;
  /** Ends every session of an account (all browsers), tells their services by back-channel; `except` keeps one session. */
  revokeSessions(accountId: string, reason: string, options?: { except?: string }): Promise<number>;
  /** The services that may ask about an account now; `whileAway`: also when the citizen is signed out. */
  listAccess(accountId: string): Promise<readonly { clientId: string; whileAway: boolean }[]>;
  /** Ends what a service may do and know from now on, and tells it. False: that was nothing. */
  endAccess(accountId: string, clientId: string): Promise<boolean>;
  /** Ends one session of an account and tells its services. False: it is not this account's, or ended already. */
  endSession(accountId: string, sessionKey: string, reason: string): Promise<boolean>;
  /** The live sessions of an account with the services signed in to, for "your account". */
  listSessions(
    accountId: string,
  ): Promise<readonly { sessionKey: string; startedAt: Date; lastSeenAt: Date; clientIds: readonly string[] }[]>;
}
