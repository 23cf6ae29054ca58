import { type Static, Type } from 'typebox';
import { PinSettings } from '../records/check-pin.ts';
import { alongside, column, secretName, shared, whole, words } from '../records/record-settings.ts';
import { HeldSecret } from '../records/stored-secret.ts';
import { CheckDigit } from './check-digit.ts';
import { FoldStep } from './fold-answer.ts';

const closed = { additionalProperties: false };
const family = Type.Literal('knowledge', { description: 'F9: what somebody knows, compared with what was exported.' });
const positionsSecret = secretName(
  'Of a key that decides what is asked of whom: 32 random bytes, the same on all nodes.',
);
const tries = whole(1, 100, 'Wrong answers after which a row is locked for this method.');

/** M25: some characters of a memorable word. */
export const WordSettings = Type.Object(
  {
    family,
    method: Type.Literal('M25', { description: 'Chosen characters of a memorable word.' }),
    alongside,
    held: HeldSecret,
    separator: Type.Optional(
      Type.String({ minLength: 1, maxLength: 3, description: 'Between digests, where each character has its own.' }),
    ),
    shortest: whole(
      3,
      30,
      'Shortest word that exists: nothing behind it is asked, or the length of a word would tell.',
    ),
    asked: whole(1, 5, 'How many characters are asked.'),
    tries,
    matchCase: Type.Optional(Type.Boolean({ description: 'Whether a and A differ. They do not when left out.' })),
    positionsSecret,
    ...shared,
  },
  closed,
);
export type WordSettings = Static<typeof WordSettings>;

/** M26: a PIN that came by post. */
export const PinLetterSettings = Type.Object(
  {
    family,
    method: Type.Literal('M26', { description: 'A PIN from a letter.' }),
    alongside,
    pin: PinSettings,
    ...shared,
  },
  closed,
);
export type PinLetterSettings = Static<typeof PinLetterSettings>;

const Question = Type.Object(
  {
    ask: Type.Union([
      words('The same question for everybody.'),
      Type.Object(
        {
          column: column('The column that holds the question, where everybody chose their own.'),
          standIns: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
            minItems: 3,
            maxItems: 50,
            description: 'Usual questions: one of them is asked of people who do not exist.',
          }),
        },
        closed,
      ),
    ]),
    held: HeldSecret,
  },
  { ...closed, description: 'A question that every row has an answer to.' },
);

/** M27: security questions. */
export const QuestionSettings = Type.Object(
  {
    family,
    method: Type.Literal('M27', { description: 'Security questions.' }),
    questions: Type.Array(Question, { minItems: 1, maxItems: 10, description: 'All that there are.' }),
    asked: whole(1, 5, 'How many of them are asked.'),
    right: whole(1, 5, 'How many answers must be right.'),
    tries,
    normalise: Type.Array(FoldStep, {
      maxItems: 7,
      uniqueItems: true,
      description: 'What the old system did to an answer before it compared or digested it, in this order.',
    }),
    positionsSecret,
    ...shared,
  },
  closed,
);
export type QuestionSettings = Static<typeof QuestionSettings>;

/** One fact that a row holds. */
export const Fact = Type.Union([
  Type.Object(
    {
      fact: Type.Enum(['birth-date', 'postcode', 'nino', 'nationality', 'family-name'], { description: 'Which one.' }),
      columns: Type.Optional(
        Type.Array(column('In `file.extras`.'), {
          minItems: 1,
          maxItems: 5,
          description: 'Where it stands, if not in the column of its own; any of them counts (an earlier address).',
        }),
      ),
    },
    closed,
  ),
  Type.Object(
    {
      fact: Type.Literal('text', { description: 'Any other: compared without case, accents, spaces and punctuation.' }),
      label: words('What it is asked for as.'),
      columns: Type.Array(column('In `file.extras`.'), { minItems: 1, maxItems: 5, description: 'Where it stands.' }),
    },
    closed,
  ),
]);
export type Fact = Static<typeof Fact>;

const facts = {
  family,
  facts: Type.Array(Fact, { minItems: 1, maxItems: 5, description: 'What is asked beside the number.' }),
  needed: Type.Optional(
    whole(1, 5, 'How many facts must be right that the number does not tell anyway; all of them when left out.'),
  ),
  tries: Type.Optional(tries),
  dates: Type.Optional(
    Type.Enum(['day-month', 'month-day'], { description: 'How the export writes dates without a year in front.' }),
  ),
  ...shared,
};

/** M28: a reference number and facts. */
export const ReferenceSettings = Type.Object(
  {
    method: Type.Literal('M28', { description: 'A reference number and a date of birth.' }),
    checkDigit: Type.Optional(CheckDigit),
    ...facts,
  },
  closed,
);

/** M29: a driver number and facts. */
export const DriverSettings = Type.Object(
  {
    method: Type.Literal('M29', { description: 'Driving licence number, National Insurance number, postcode.' }),
    ...facts,
  },
  closed,
);

/** M30: a document number and facts. */
export const DocumentSettings = Type.Object(
  {
    method: Type.Literal('M30', { description: 'Passport or permit number, date of birth, nationality.' }),
    documents: Type.Array(Type.Enum(['uk-passport', 'passport', 'residence-permit', 'identity-card']), {
      minItems: 1,
      uniqueItems: true,
      description: 'Kinds of document whose number may be typed.',
    }),
    expiresColumn: Type.Optional(column('When the document ends, as a date.')),
    graceDays: Type.Optional(whole(0, 3650, 'For how long after its end it still identifies; 0 when left out.')),
    nationalities: Type.Optional(
      Type.Array(Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { minItems: 2, maxItems: 20 }), {
        maxItems: 300,
        description: 'Ways to say the same one: ["GBR", "British", "Prydeinig"].',
      }),
    ),
    ...facts,
  },
  closed,
);
export type FactSettings =
  | Static<typeof ReferenceSettings>
  | Static<typeof DriverSettings>
  | Static<typeof DocumentSettings>;

/** F9: what somebody knows (M25 to M30). */
export const KnowledgeSettings = Type.Union([
  WordSettings,
  PinLetterSettings,
  QuestionSettings,
  ReferenceSettings,
  DriverSettings,
  DocumentSettings,
]);
export type KnowledgeSettings = Static<typeof KnowledgeSettings>;
