import { type Static, Type } from 'typebox';
import { PinSettings } from '../records/check-pin.ts';
import { alongside, column, secretName, shared, whole } from '../records/record-settings.ts';
import { HeldSecret } from '../records/stored-secret.ts';

const closed = { additionalProperties: false };
const family = Type.Literal('code', { description: 'F10: a code that reaches its holder on a way of its own.' });
const tries = whole(1, 100, 'Wrong answers after which a row is locked for this method.');
const positionsSecret = secretName(
  'Of a key that decides what is asked of whom: 32 random bytes, the same on all nodes.',
);

const delivered = {
  family,
  alongside,
  addressColumn: Type.Optional(column('Where the address stands, if not in the column of its own.')),
  verifiedColumn: Type.Optional(column('When the address was last known to be right, as a date.')),
  staleAfterDays: Type.Optional(
    whole(1, 36500, 'An address that was not verified for so long may be somebody else’s by now: nothing is sent.'),
  ),
  perDay: Type.Optional(whole(1, 100, 'The most that is sent to one row in a day; 10 when left out.')),
  ...shared,
};

const lifetime = (least: number, most: number) =>
  Type.Optional(whole(least, most, `Minutes that it may be used for; ${least} when left out.`));

const phones = {
  identifier: Type.Optional(Type.Enum(['phone'], { description: 'The name is the telephone number itself.' })),
  countries: Type.Optional(
    Type.Array(Type.String({ pattern: '^[1-9][0-9]{0,3}$' }), {
      minItems: 1,
      maxItems: 250,
      description: 'Calling codes that are texted or called; 44 alone when left out (toll fraud).',
    }),
  ),
};

const MailSettings = Type.Union([
  Type.Object(
    {
      ...delivered,
      method: Type.Literal('M31', { description: 'A link by e-mail.' }),
      lifetimeMinutes: lifetime(15, 30),
    },
    closed,
  ),
  Type.Object(
    {
      ...delivered,
      method: Type.Literal('M32', { description: 'A code by e-mail.' }),
      lifetimeMinutes: lifetime(10, 30),
    },
    closed,
  ),
]);

const PhoneSettings = Type.Union([
  Type.Object(
    {
      ...delivered,
      ...phones,
      method: Type.Literal('M33', { description: 'A code by text message.' }),
      lifetimeMinutes: lifetime(10, 30),
    },
    closed,
  ),
  Type.Object(
    {
      ...delivered,
      ...phones,
      method: Type.Literal('M34', { description: 'By telephone.' }),
      by: Type.Literal('call', { description: 'We call and say a code.' }),
      lifetimeMinutes: lifetime(10, 30),
    },
    closed,
  ),
]);

export type DeliveredSettings = Static<typeof MailSettings> | Static<typeof PhoneSettings>;

const PhonePinSettings = Type.Object(
  {
    family,
    method: Type.Literal('M34', { description: 'By telephone.' }),
    by: Type.Literal('pin', { description: 'The PIN that the telephone service used to ask for.' }),
    identifier: phones.identifier,
    alongside,
    pin: PinSettings,
    ...shared,
  },
  closed,
);
export type PhonePinSettings = Static<typeof PhonePinSettings>;

const LetterSettings = Type.Object(
  {
    family,
    method: Type.Literal('M35', { description: 'An activation code by post.' }),
    alongside,
    held: Type.Optional(HeldSecret),
    issuedColumn: Type.Optional(column('When the old system posted its letter, as a date.')),
    validDays: whole(1, 60, 'Days that a letter counts for; 28 is usual.'),
    tries,
    ours: Type.Optional(
      Type.Object(
        {
          keySecret: secretName('Of the key that codes are made with: 32 random bytes, the same on all nodes.'),
          addressColumns: Type.Array(column('One line of the address.'), {
            minItems: 1,
            maxItems: 10,
            description: 'Lines.',
          }),
          everyDays: whole(1, 60, 'Days before another letter is sent to the same row.'),
        },
        { ...closed, description: 'Letters that we post ourselves, when somebody has none (any more).' },
      ),
    ),
    ...shared,
  },
  closed,
);
export type LetterSettings = Static<typeof LetterSettings>;

const card = {
  family,
  method: Type.Literal('M36', { description: 'A printed card or list.' }),
  alongside,
  held: HeldSecret,
  tries,
  positionsSecret,
  ...shared,
};

const GridSettings = Type.Object(
  {
    ...card,
    by: Type.Literal('grid', { description: 'Cells of a grid.' }),
    rows: whole(1, 50, 'Rows of the card, numbered from 1.'),
    columns: whole(1, 26, 'Columns of the card, lettered from A.'),
    form: Type.Enum(['named', 'in-order'], {
      description: 'How the column holds it: A1=37;B1=92, or 37;92 row by row.',
    }),
    asked: whole(1, 5, 'How many cells are asked.'),
    uses: whole(1, 1000, 'How often a card may be used: each use shows more of it.'),
  },
  closed,
);
export type GridSettings = Static<typeof GridSettings>;

const ListSettings = Type.Object(
  {
    ...card,
    by: Type.Literal('list', { description: 'Codes that are crossed off.' }),
    order: Type.Enum(['numbered', 'next', 'any'], {
      description: 'Whether one is asked by its number, the next one is, or any counts that was not used.',
    }),
    length: whole(2, 500, 'How many codes are on a list.'),
    separator: Type.String({ minLength: 1, maxLength: 3, description: 'Between them in the column.' }),
    usedColumn: Type.Optional(column('Numbers of those that were used before the export, with the same separator.')),
  },
  closed,
);
export type ListSettings = Static<typeof ListSettings>;

/** F10: delivered and printed codes (M31 to M36). */
export const CodeSettings = Type.Union([
  MailSettings,
  PhoneSettings,
  PhonePinSettings,
  LetterSettings,
  GridSettings,
  ListSettings,
]);
export type CodeSettings = Static<typeof CodeSettings>;
