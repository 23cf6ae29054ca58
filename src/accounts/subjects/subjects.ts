import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';

export interface InheritSubject {
  readonly accountId: string;
  readonly sector: string;
  /** The id that the services of the sector knew the person by: 1 to 255 printable ASCII characters. */
  readonly sub: string;
  readonly source: string;
}

export type InheritOutcome =
  | { readonly outcome: 'inherited' }
  /** Another account has this sub in the sector: nobody's sub is ever given to a second person (L11). */
  | { readonly outcome: 'taken' }
  /** The account is already known to the sector as `sub`, which never changes under a service. */
  | { readonly outcome: 'kept'; readonly sub: string };

/** The `sub` by which a sector of services knows an account. Written once, never changed by a sign-in (D12). */
export interface Subjects {
  find(accountId: string, sector: string): Promise<string | undefined>;
  /** The sub of the account in the sector; derived and written at first use. */
  ensure(tx: Transaction, subject: { readonly accountId: string; readonly sector: string }): Promise<string>;
  /** @throws LatchkeyError `input_invalid` when the sub cannot stand in a token (see `isSubject`). */
  inherit(tx: Transaction, subject: InheritSubject, meta?: ActionMeta): Promise<InheritOutcome>;
}

/** What may be a `sub`: at most 255 ASCII characters. @see OpenID Connect Core §2 */
export function isSubject(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(value);
}
