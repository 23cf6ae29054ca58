import { type Static, Type } from 'typebox';
import { alongside, column, shared, whole } from '../records/record-settings.ts';

const closed = { additionalProperties: false };

const seeds = {
  family: Type.Literal('otp', {
    description: 'F11: a one-time password of an app or a token, whose seed was exported.',
  }),
  alongside,
  seedColumn: column('The column that holds the seed.'),
  seedAs: Type.Enum(['base32', 'hex', 'base64', 'text', 'uri'], {
    description: 'How it is written; uri: otpauth://…, whose own digits, period and algorithm count.',
  }),
  digits: Type.Optional(whole(6, 8, 'Of a code; 6 when left out.')),
  algorithm: Type.Optional(Type.Enum(['SHA1', 'SHA256', 'SHA512'], { description: 'SHA1 when left out.' })),
  digitsColumn: Type.Optional(column('Where tokens differ: the column that says how many digits.')),
  algorithmColumn: Type.Optional(column('Where tokens differ: the column that names the algorithm.')),
  ...shared,
};

const TotpSettings = Type.Object(
  {
    ...seeds,
    method: Type.Literal('M37', { description: 'An authenticator app (TOTP).' }),
    period: Type.Optional(whole(10, 120, 'Seconds that a code is shown for; 30 when left out.')),
    periodColumn: Type.Optional(column('Where apps differ: the column that says how many seconds.')),
    drift: Type.Optional(whole(0, 5, 'Steps that a clock may be wrong by, before and behind; 1 when left out.')),
  },
  closed,
);
export type TotpSettings = Static<typeof TotpSettings>;

const HotpSettings = Type.Object(
  {
    ...seeds,
    method: Type.Literal('M38', { description: 'A token with a button (HOTP).' }),
    counterColumn: Type.Optional(column('The counter at the time of the export; 0 when left out.')),
    lookAhead: Type.Optional(whole(0, 50, 'Codes that the token may be ahead by; 10 when left out.')),
    resynchronise: Type.Optional(
      whole(0, 2000, 'How far ahead two codes in a row set the counter right; 100 when left out, 0: never.'),
    ),
  },
  closed,
);
export type HotpSettings = Static<typeof HotpSettings>;

/** F11: one-time passwords (M37, M38). */
export const OtpSettings = Type.Union([TotpSettings, HotpSettings]);
export type OtpSettings = Static<typeof OtpSettings>;
