import { type Static, Type } from 'typebox';

// Rows as plain JSON: what the ledger keeps is what the rules work on. Times are ISO text with microseconds, since a Date
// would lose what Postgres keeps; keys are hex; what no rule looks into (proofs) stays text.

const Text = Type.String();
const Optional = Type.Union([Type.String(), Type.Null()]);
const Origin = Type.Union([Type.Literal('derived'), Type.Literal('inherited')]);
const SecondFactor = Type.Union([Type.Literal('when-asked'), Type.Literal('always')]);

export const ContactRow = Type.Object({
  identityId: Text,
  kind: Type.Union([Type.Literal('email'), Type.Literal('phone')]),
  valueKey: Text,
  value: Text,
  primary: Type.Boolean(),
  verifiedAt: Text,
  createdAt: Text,
});
export type ContactRow = Static<typeof ContactRow>;

export const PasswordRow = Type.Object({
  credentialId: Text,
  secret: Text,
  belowPolicy: Type.Boolean(),
  createdAt: Text,
});
export type PasswordRow = Static<typeof PasswordRow>;

/** What the rules look at; a link that moves takes along whatever else its row holds. */
export const LinkRow = Type.Object({
  linkId: Text,
  legacyKey: Text,
  source: Text,
  proofs: Text,
  linkedAt: Text,
  undoneAt: Optional,
});
export type LinkRow = Static<typeof LinkRow>;

export const SubjectRow = Type.Object({
  sector: Text,
  sub: Text,
  origin: Origin,
  source: Optional,
  createdAt: Text,
});
export type SubjectRow = Static<typeof SubjectRow>;

export const AliasRow = Type.Object({ ...SubjectRow.properties, aliasedAt: Text });
export type AliasRow = Static<typeof AliasRow>;

export type SecondFactor = Static<typeof SecondFactor>;

/** One account with everything that is its own, opened. */
export interface Side {
  readonly accountId: string;
  readonly status: 'active' | 'suspended' | 'closed' | 'merged';
  readonly version: number;
  readonly language: 'en' | 'cy';
  readonly name: string | null;
  readonly secondFactor: SecondFactor;
  readonly createdAt: string;
  readonly contacts: readonly ContactRow[];
  /** None or one. */
  readonly passwords: readonly PasswordRow[];
  readonly links: readonly LinkRow[];
  readonly subjects: readonly SubjectRow[];
  readonly aliases: readonly AliasRow[];
}

export interface Pair {
  readonly survivor: Side;
  readonly absorbed: Side;
}

const entry = <K extends string, B extends string, S extends Type.TSchema>(
  kind: K,
  became: B,
  from: S,
): Type.TObject<{ kind: Type.TLiteral<K>; became: Type.TLiteral<B>; from: S }> =>
  Type.Object({ kind: Type.Literal(kind), became: Type.Literal(became), from });

/** One line of a merge's ledger: the thing as it was, and what became of it. */
export const MergeEntry = Type.Union([
  entry('contact', 'moved', ContactRow),
  /** Which contact of the survivor came first when the merge was made. */
  entry('primary-contact', 'changed', Type.Object({ valueKey: Text })),
  entry('password', 'moved', PasswordRow),
  entry('password', 'set-aside', PasswordRow),
  entry('link', 'moved', LinkRow),
  entry('subject', 'moved', SubjectRow),
  entry('subject', 'aliased', SubjectRow),
  entry('alias', 'moved', AliasRow),
  entry('second-factor', 'changed', Type.Object({ survivor: SecondFactor, merged: SecondFactor })),
  entry('status', 'changed', Type.Object({ status: Type.Literal('active') })),
]);
export type MergeEntry = Static<typeof MergeEntry>;

export type EntryOf<K extends MergeEntry['kind']> = Extract<MergeEntry, { kind: K }>;

export function entriesOf<K extends MergeEntry['kind']>(entries: readonly MergeEntry[], kind: K): EntryOf<K>[] {
  return entries.filter((one): one is EntryOf<K> => one.kind === kind);
}
