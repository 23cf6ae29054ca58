import type { OperatorStatus } from './operator-rows.ts';
import type { Role } from './permissions.ts';
import type { TokenRow } from './token-rows.ts';

/** Who does it, as the audit will say, and in which request. */
export interface OperatorAct {
  readonly actor: string;
  readonly correlationId?: string;
}

export interface Invited {
  readonly outcome: 'invited';
  /** Opens the door once: shown to whoever invites, kept nowhere. */
  readonly link: string;
  readonly expiresAt: Date;
}

export type OperatorRefusal =
  | 'handle-malformed'
  | 'handle-taken'
  | 'last-administrator'
  | 'no-roles'
  | 'not-oneself'
  | 'roles-exceeded'
  | 'status'
  | 'too-many-days'
  | 'unknown';

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: OperatorRefusal;
}

export interface ListedOperator {
  readonly operatorId: string;
  readonly handle: string;
  readonly name: string | undefined;
  readonly roles: readonly Role[];
  readonly status: OperatorStatus;
  readonly addedBy: string;
  readonly addedAt: Date;
  readonly passkeys: number;
  /** Sessions that may still be used. */
  readonly sessions: number;
  readonly invitedUntil: Date | undefined;
  readonly tokens: readonly TokenRow[];
}

/** Staff on record: what the command line, the pages of administrators and the demo change them by. */
export interface Operators {
  /** A new operator, who comes in by the link. The first administrator is made so, on the command line. */
  invite(
    operator: { readonly handle: string; readonly roles: readonly Role[] },
    act: OperatorAct,
  ): Promise<Invited | Refused>;
  /** For who has lost their passkeys, or let the first link lapse. Taking it up removes every passkey they had. */
  inviteAgain(handle: string, act: OperatorAct): Promise<Invited | Refused>;
  list(): Promise<readonly ListedOperator[]>;
  find(handle: string): Promise<ListedOperator | undefined>;
  /** Not one's own; ends their sessions, so that what they see and may do is never half old. */
  changeRoles(
    handle: string,
    roles: readonly Role[],
    act: OperatorAct,
  ): Promise<Refused | { readonly outcome: 'changed' }>;
  /** Out at once on every node: sessions, tokens and invitations open nothing. */
  suspend(handle: string, act: OperatorAct): Promise<Refused | { readonly outcome: 'suspended' }>;
  /** Tokens work again; sessions and invitations stay ended. */
  restore(handle: string, act: OperatorAct): Promise<Refused | { readonly outcome: 'restored' }>;
  endSessions(
    handle: string,
    act: OperatorAct,
  ): Promise<Refused | { readonly outcome: 'ended'; readonly count: number }>;
  /** A token for the API, shown once. It never manages operators, and never does more than its owner may. */
  makeToken(
    handle: string,
    token: { readonly roles: readonly Role[]; readonly days: number },
    act: OperatorAct,
  ): Promise<
    Refused | { readonly outcome: 'made'; readonly token: string; readonly tokenId: string; readonly expiresAt: Date }
  >;
  revokeToken(handle: string, tokenId: string, act: OperatorAct): Promise<Refused | { readonly outcome: 'revoked' }>;
}
