import type { Transaction } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../accounts.ts';
import type { OrganisationRole } from '../store/organisation-rows.ts';

/** The shared old account that an organisation was made from; `key` tells this folder nothing. */
export interface OrganisationOrigin {
  readonly source: string;
  readonly key: Buffer;
}

export interface NewOrganisation {
  readonly name: string;
  readonly origin: OrganisationOrigin;
  /** What the old account was proved with, sealed by its keeper. */
  readonly kept: Buffer | undefined;
  /** Who proved it first: the first administrator. */
  readonly accountId: string;
}

export interface Membership {
  readonly organisationId: string;
  readonly name: string;
  readonly role: OrganisationRole;
  readonly joinedAt: Date;
  readonly origin: OrganisationOrigin;
}

export interface Member {
  readonly memberId: string;
  readonly accountId: string;
  readonly role: OrganisationRole;
  readonly joinedAt: Date;
  readonly isYou: boolean;
}

/** One organisation as one of its members may see it. */
export interface OrganisationView extends Membership {
  /** Only an administrator sees the others. */
  readonly members: readonly Member[];
  readonly invitations: readonly {
    readonly invitationId: string;
    readonly address: string;
    readonly role: OrganisationRole;
    readonly expiresAt: Date;
  }[];
}

export interface OpenInvitation {
  readonly organisationId: string;
  readonly name: string;
  readonly role: OrganisationRole;
  /** Where it was sent; whoever holds the link may be somebody else. */
  readonly address: string;
  /** Account of the member who invited, to be told; undefined when they have left. */
  readonly inviter: string | undefined;
  readonly expiresAt: Date;
}

/** Whose act it is, and in which organisation. */
export interface ActOfMember {
  readonly organisationId: string;
  /** Signed in a moment ago. */
  readonly accountId: string;
}

export type InviteResult =
  /** `token` stands in the link and nowhere else. */
  | { readonly outcome: 'invited'; readonly token: string; readonly name: string; readonly expiresAt: Date }
  | { readonly outcome: 'refused'; readonly reason: 'not-administrator' | 'too-many' };

export type JoinResult =
  | {
      readonly outcome: 'joined' | 'raised';
      readonly organisationId: string;
      readonly name: string;
      readonly role: OrganisationRole;
    }
  /** The invitation stays good. */
  | { readonly outcome: 'member-already'; readonly organisationId: string }
  /** Used, withdrawn, too old, or none of ours. */
  | { readonly outcome: 'gone' };

export type EndResult =
  | { readonly outcome: 'ended'; readonly name: string; readonly accountId: string; readonly wasOwn: boolean }
  | { readonly outcome: 'refused'; readonly reason: 'not-administrator' | 'not-member' | 'last-administrator' };

export interface UndoneOrganisation {
  readonly name: string;
  readonly origin: OrganisationOrigin;
  readonly kept: Buffer | undefined;
  /** Accounts of everybody who was part of it; to be told. */
  readonly accountIds: readonly string[];
}

/** Organisations that shared old accounts became: people act for one with an account of their own (M43). */
export interface Organisations {
  make(tx: Transaction, organisation: NewOrganisation, meta: ActionMeta): Promise<string>;
  /** Those that the account, or one merged into it, belongs to now. */
  of(accountId: string): Promise<readonly Membership[]>;
  /** Undefined for whoever is not part of it. */
  read(act: ActOfMember): Promise<OrganisationView | undefined>;
  invite(
    tx: Transaction,
    invitation: ActOfMember & { readonly address: string; readonly role: OrganisationRole },
    meta: ActionMeta,
  ): Promise<InviteResult>;
  /** False: not an administrator, or there is nothing to withdraw. */
  withdraw(tx: Transaction, act: ActOfMember & { readonly invitationId: string }, meta: ActionMeta): Promise<boolean>;
  /** What a link leads to; changes nothing. */
  look(token: string): Promise<OpenInvitation | undefined>;
  join(
    tx: Transaction,
    act: { readonly token: string; readonly accountId: string },
    meta: ActionMeta,
  ): Promise<JoinResult>;
  /** Somebody leaves, or an administrator removes them, with the invitations that they made. */
  end(tx: Transaction, act: ActOfMember & { readonly memberId: string }, meta: ActionMeta): Promise<EndResult>;
  /** The one that was made from this old account and stands. */
  madeFrom(origin: OrganisationOrigin): Promise<string | undefined>;
  /** Within 30 days: ends it with every membership and invitation. Undefined: there is none that can be undone. */
  undo(tx: Transaction, organisationId: string, meta: ActionMeta): Promise<UndoneOrganisation | undefined>;
}
