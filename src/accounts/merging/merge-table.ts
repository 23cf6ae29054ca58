import { contacts } from './kinds/contacts.ts';
import type { KindRule } from './kinds/kind-rule.ts';
import { links } from './kinds/links.ts';
import { passwords } from './kinds/passwords.ts';
import { secondFactor } from './kinds/second-factor.ts';
import { status } from './kinds/status.ts';
import { subjects } from './kinds/subjects.ts';

/** What a thing of the absorbed account becomes. */
export type Fate =
  /** It is the survivor's from now on. */
  | 'moves'
  /** The survivor's holds; the other is kept aside and comes back when the merge is undone. */
  | 'survivor-keeps'
  /** The stronger of both holds. */
  | 'stronger-holds'
  /** It stays with the absorbed account, where nothing uses it, until the merge is undone. */
  | 'stays-behind'
  /** It ends, on both sides. */
  | 'ends';

interface TableRow {
  readonly fate: Fate;
  /** Where it is stored. A test holds this against the schema: what is added there must be decided here. */
  readonly tables: readonly string[];
  readonly rule?: KindRule;
}

/**
 * What a merge does with each kind of thing: the whole list, from top to bottom, in the order in which the rules run.
 * Nothing is deleted by any of them.
 */
export const mergeTable = {
  contacts: { fate: 'moves', tables: ['identities', 'identity_claims'], rule: contacts },
  // The raised version voids one that is under way.
  contactChanges: { fate: 'ends', tables: ['contact_changes'] },
  // An address on its way out moves like any other and stays, for as long as the merge can be undone.
  leavingContacts: { fate: 'stays-behind', tables: ['leaving_contacts'] },
  password: { fate: 'survivor-keeps', tables: ['credentials'], rule: passwords },
  links: { fate: 'moves', tables: ['links', 'legacy_accounts'], rule: links },
  subjects: { fate: 'moves', tables: ['subjects', 'subject_claims', 'subject_aliases'], rule: subjects },
  secondFactor: { fate: 'stronger-holds', tables: ['accounts'], rule: secondFactor },
  // Each is sealed under a key of its account and known by its account's id: not a thing that another account can use.
  profile: { fate: 'survivor-keeps', tables: ['accounts'] },
  language: { fate: 'survivor-keeps', tables: ['accounts'] },
  knownDevices: { fate: 'stays-behind', tables: ['known_devices'] },
  // Kept by a keyed hash of the account's id: joining two accounts forgives no wrong try on either.
  attemptCounters: { fate: 'stays-behind', tables: ['attempt_counters'] },
  sessions: { fate: 'ends', tables: ['sessions', 'account_sessions', 'session_endings'] },
  consents: { fate: 'ends', tables: ['grants'] },
  // Read through the merge, not moved: they count for whoever stands for the account, and are its own again when it stands.
  organisations: { fate: 'stays-behind', tables: ['organisation_members', 'account_organisations'] },
  // They name the account they were asked about, and are refused once its link is elsewhere.
  operatorRequests: { fate: 'stays-behind', tables: ['operator_requests'] },
  // Codes that only this account may redeem, which it can do again once it stands.
  vouchers: { fate: 'stays-behind', tables: ['legacy_vouchers'] },
  // A raised version makes every one that was given before worthless.
  proofs: { fate: 'ends', tables: ['account_proofs'] },
  status: { fate: 'stays-behind', tables: ['accounts', 'merges', 'merged_accounts', 'merge_entries'], rule: status },
} as const satisfies Record<string, TableRow>;

export type MergeKind = keyof typeof mergeTable;

export const rules: readonly KindRule[] = Object.values<TableRow>(mergeTable).flatMap(({ rule }) => rule ?? []);
