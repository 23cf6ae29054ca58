import { Type, type Static } from 'typebox';
import type { PasswordHash } from '../../accounts/index.ts';
import { OLD_WAYS } from '../../migration/index.ts';
import { AskedSchema, ProvedSchema } from '../old-proof/asked.ts';

/**
 * What the steps of a journey have learned, each under its own name. A fact is there when its step is done; going back
 * takes it away again. The whole is sealed at rest: it holds addresses.
 */
export const FactsSchema = Type.Object(
  {
    /** select_account: the citizen wants another account than the session's. */
    otherAccount: Type.Optional(Type.Boolean()),
    address: Type.Optional(Type.String()),
    /** A second way was asked for before the next password: the code that was sent. */
    checkSent: Type.Optional(Type.String()),
    checkPassed: Type.Optional(Type.Boolean()),

    newAddress: Type.Optional(Type.String()),
    newAddressCode: Type.Optional(Type.String()),
    newAddressProved: Type.Optional(Type.Boolean()),
    /** Known only once the code has proved the mailbox. */
    newAddressTaken: Type.Optional(Type.Boolean()),

    forgottenAddress: Type.Optional(Type.String()),
    forgottenCode: Type.Optional(Type.String()),
    forgottenProved: Type.Optional(Type.Boolean()),
    /** The account behind a proved address; absent when there is none. */
    forgottenAccountId: Type.Optional(Type.String()),
    /** There is one, but it is suspended or closed: told only to the one who proved the mailbox. */
    forgottenClosed: Type.Optional(Type.Boolean()),
    /** It has addresses that were added later than the proved one. */
    forgottenHasYounger: Type.Optional(Type.Boolean()),
    /** Those of them that the owner has said are theirs. */
    forgottenKeep: Type.Optional(Type.Array(Type.String())),

    oldSource: Type.Optional(Type.String()),
    /** The rules of the source leave a choice of ways. */
    oldHasChoice: Type.Optional(Type.Boolean()),
    /** The way in which the old account is being proved. */
    oldWay: Type.Optional(Type.Enum([...OLD_WAYS])),
    /** What is asked next; without it the old system cannot be asked right now. */
    oldAsked: Type.Optional(AskedSchema),
    /** What the old account proved, opaque to these pages: migration made it and checks it again. */
    oldProofs: Type.Optional(Type.Array(ProvedSchema)),
    /** The proofs are enough by the rules of the source. */
    oldProved: Type.Optional(Type.Boolean()),
    oldLegacyKey: Type.Optional(Type.String()),
    oldUserName: Type.Optional(Type.String()),
    /** What the last refusal left, opaque to these pages: for somebody who says that their details are right. */
    oldRefusal: Type.Optional(Type.String()),
    /** They have said so. */
    oldComplained: Type.Optional(Type.Boolean()),
    /** A new account without a password that came along: the one that was chosen, hashed. */
    oldNewPassword: Type.Optional(Type.Unsafe<PasswordHash>(Type.String())),
    oldAddress: Type.Optional(Type.String()),
    oldAddressCode: Type.Optional(Type.String()),
    oldAddressProvedAt: Type.Optional(Type.String()),
    /** The account that holds the proved address already; its own proof is asked for next. */
    oldExistingId: Type.Optional(Type.String()),
    oldExistingProvedAt: Type.Optional(Type.String()),
    /** The proof of the old account had grown old: its password is asked for again. */
    oldProofExpired: Type.Optional(Type.Boolean()),
    oldRefused: Type.Optional(Type.String()),

    /** The end: who signed in. */
    signedIn: Type.Optional(Type.Object({ accountId: Type.String(), amr: Type.Array(Type.String()) })),
    /** The end without a new proof: the session's account goes on. */
    confirmed: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export type Facts = Readonly<Static<typeof FactsSchema>>;

export const WAYS = ['sign-in', 'consent', 'sign-up', 'recovery', 'first-sign-in'] as const;
export type Way = (typeof WAYS)[number];

const ProblemSchema = Type.Object({
  field: Type.String(),
  key: Type.String(),
  values: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
});

/** Something the citizen can put right: the field it is about and the text that says how. */
export type Problem = Readonly<Static<typeof ProblemSchema>>;

export const JourneyStateSchema = Type.Object(
  {
    way: Type.Enum([...WAYS]),
    facts: FactsSchema,
    /** Problems with the last post, shown by the page of that step until the next post. Never a password. */
    flash: Type.Optional(
      Type.Object({
        step: Type.String(),
        problems: Type.Array(ProblemSchema),
        values: Type.Record(Type.String(), Type.String()),
      }),
    ),
  },
  { additionalProperties: false },
);

export type JourneyState = Readonly<Static<typeof JourneyStateSchema>>;
