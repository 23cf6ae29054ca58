import type { Permission, Role } from './permissions.ts';

/** A member of staff, known beyond doubt: by a passkey with user verification, or by a token that was given out once. */
export interface Operator {
  readonly operatorId: string;
  readonly handle: string;
  /** As the audit and every "by whom" column know them: `operator:<handle>`. Never anybody else's. */
  readonly actor: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  readonly via: 'passkey' | 'token';
}

/** An operator in a browser. */
export interface SignedInOperator extends Operator {
  readonly sessionKey: Buffer;
  /** When they last used their passkey. */
  readonly signedInAt: Date;
}

export const actorOf = (handle: string): string => `operator:${handle}`;
