import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
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

export interface MapRequest {
  /** The sector of the service that asks, as it is registered: never what a request says. */
  readonly sector: string;
  /** The service that asks: what its sector took over from another one it sees only if it changed over itself. */
  readonly clientId: string;
  /** Only what changed since then, and a minute before: transactions that were under way may show up late. */
  readonly since?: Date | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows of a page: 1,000 unless told, 10,000 at most. */
  readonly limit?: number | undefined;
}

/**
 * `from` stands for `to` now. Rows of one `from` replace each other, so a reader keeps the one that came last, and follows
 * `to` until it stands still.
 */
export interface MapRow {
  /** Of `from`: the sector itself, or the one that it continues. */
  readonly fromSector: string;
  readonly from: string;
  readonly to: string;
  /** `joined`: two accounts became one. `parted`: they are two again, `to` is `from`. `moved`: the sector changed. */
  readonly change: 'joined' | 'parted' | 'moved';
  readonly at: Date;
}

export interface SubjectMap {
  readonly sector: string;
  readonly rows: readonly MapRow[];
  /** To be given as `after`; undefined on the last page. */
  readonly next: string | undefined;
}

export interface MoveSector {
  readonly from: string;
  readonly to: string;
  /** The services that change over, when the sector is split; all of them when left out. */
  readonly clientIds?: readonly string[] | undefined;
  /**
   * `kept`: the new sector knows everybody by the sub that the old one did, and no service has to do anything. `new`: it
   * gets subs of its own, which cannot be joined with those of the old one but by the map that its services fetch.
   */
  readonly subs: 'kept' | 'new';
}

export type MoveSectorOutcome =
  /** `moved`: accounts that this call gave their sub in the new sector. Calling again carries on where one stopped. */
  | { readonly outcome: 'moved'; readonly moved: number }
  | { readonly outcome: 'refused'; readonly reason: 'same-sector' | 'already-continues-another' | 'would-go-round' };

/** The `sub` by which a sector of services knows an account. Written once, never changed by a sign-in (D12). */
export interface Subjects {
  find(accountId: string, sector: string): Promise<string | undefined>;
  /**
   * The sub of the account in the sector; derived and written at first use.
   * @throws LatchkeyError `not_allowed` when the account was closed or became part of another one.
   */
  ensure(tx: Transaction, subject: { readonly accountId: string; readonly sector: string }): Promise<string>;
  /** @throws LatchkeyError `input_invalid` when the sub cannot stand in a token (see `isSubject`), `not_allowed` as above. */
  inherit(tx: Transaction, subject: InheritSubject, meta?: ActionMeta): Promise<InheritOutcome>;
  /** Earlier subs of the same person in the sector, oldest first: the claim `also_known_as`. */
  alsoKnownAs(accountId: string, sector: string): Promise<readonly string[]>;
  /** One page of what the sector may fetch: which of its subs stands for which now. */
  mapOf(request: MapRequest): Promise<SubjectMap>;
  /** Whether this service was named as one that changes over from one sector to the other. */
  mayFollow(
    db: Queryable,
    change: { readonly clientId: string; readonly from: string; readonly to: string },
  ): Promise<boolean>;
  /** In many short transactions; sign-ins go on and get the same answer, whether their account's turn has come or not. */
  moveSector(move: MoveSector, meta: ActionMeta): Promise<MoveSectorOutcome>;
}

/** What may be a `sub`: at most 255 ASCII characters. @see OpenID Connect Core §2 */
export function isSubject(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(value);
}
