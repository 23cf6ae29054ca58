import { Type, type Static } from 'typebox';
import type { AccountProof } from '../../accounts/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountAct } from '../your-account/account-acts.ts';

export const MERGE_PAGE = '/account/merge';
export const FIRST_PAGE = '/account/merge/other';

/** What "I have two Latchkey accounts" has learned. */
export const MergingActSchema = Type.Object(
  {
    /** The account that was proved here and is to become part of the one that is signed in. */
    other: Type.Optional(Type.String()),
    /** The address it was proved with: shown again. */
    otherAddress: Type.Optional(Type.String()),
    survivorProof: Type.Optional(Type.Unsafe<AccountProof>(Type.String())),
    otherProof: Type.Optional(Type.Unsafe<AccountProof>(Type.String())),
    refused: Type.Optional(Type.String()),
    /** The merge that was made, and until when it can be undone. */
    merged: Type.Optional(Type.Object({ mergeId: Type.String(), undoableUntil: Type.String() })),
  },
  { additionalProperties: false },
);

export type MergingFacts = Readonly<Static<typeof MergingActSchema>>;

export interface MergingDeps extends JourneyDeps {
  readonly merging: AccountAct<MergingFacts>;
}
