import { Type, type Static } from 'typebox';
import type { LegacyProof, ProofPlace, Source } from '../../migration/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountAct } from '../your-account/account-acts.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';

export const FIRST_PAGE = '/account/old-accounts/add';

/** What "add an old account" has learned. */
export const AddingSchema = Type.Object(
  {
    source: Type.Optional(Type.String()),
    userName: Type.Optional(Type.String()),
    legacyKey: Type.Optional(Type.String()),
    /** What the old account proved, opaque to these pages. */
    proof: Type.Optional(Type.Unsafe<LegacyProof>(Type.String())),
    /** The proof had grown old: its password is asked for again. */
    expired: Type.Optional(Type.Boolean()),
    refused: Type.Optional(Type.String()),
    /** The link that was made. */
    added: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export type Adding = Readonly<Static<typeof AddingSchema>>;

export interface AddingDeps extends JourneyDeps {
  readonly adding: AccountAct<Adding>;
}

/** A proof made here is good for this act of this account only: in this browser, after this sign-in (E3). */
export const placeOfAdding = ({ place, account }: AccountVisit): ProofPlace & { readonly accountId: string } => ({
  ...place,
  purpose: 'add-old-account',
  accountId: account.accountId,
});

/**
 * The old systems that are open now and take the old password as enough: from configuration, never from what we know of
 * this person.
 */
export async function openSources({ migration }: Pick<JourneyDeps, 'migration'>): Promise<readonly Source[]> {
  const sources = await migration.sources.list();
  return sources.filter(({ status, definition }) => status === 'open' && takesPassword(definition.policy));
}

export async function chosenSource(
  deps: Pick<JourneyDeps, 'migration'>,
  { source }: Adding,
): Promise<Source | undefined> {
  return (await openSources(deps)).find((candidate) => candidate.source === source);
}

const takesPassword = ({ proofs, needed = 1 }: Source['definition']['policy']): boolean =>
  needed === 1 &&
  proofs.some((proof) =>
    typeof proof === 'string'
      ? proof === 'old-password'
      : proof.kind === 'old-password' && (proof.strength ?? 'full') === 'full',
  );
