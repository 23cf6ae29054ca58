import { type Static, type TString, Type } from 'typebox';
import { AttributeNameSetting } from '../attribute-name.ts';
import { SecretName } from '../assertions/claim-settings.ts';
import { Limits } from '../guard/limits.ts';

/** `{login}` may stand in it, and nothing else of a person: addresses are written to logs. */
export const Url = (description: string): TString =>
  Type.String({ pattern: '^https?://(?:[^\\s#{}]|\\{login\\}){1,480}$', description });

export const AnswerPath = (description: string): TString =>
  Type.String({ pattern: '^[A-Za-z0-9_.:/@-]{1,200}$', description });

const short = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });

/** What must hold of an answer: all that is named. */
const condition = {
  status: Type.Optional(
    Type.Array(Type.Integer({ minimum: 200, maximum: 599 }), {
      minItems: 1,
      maxItems: 10,
      description: 'Any of these.',
    }),
  ),
  path: Type.Optional(AnswerPath('Where in the answer: `person.state` of JSON, `a:Result/a:Code` of XML.')),
  equals: Type.Optional(
    Type.Union([short('The text there.'), Type.Number(), Type.Boolean()], { description: 'What must stand there.' }),
  ),
  contains: Type.Optional(short('Words that must be in the text there, in any case.')),
  header: Type.Optional(
    Type.String({ pattern: '^[a-z0-9-]{1,60}$', description: 'A header that must be there, in small letters.' }),
  ),
};
export const Condition = Type.Object(condition, { additionalProperties: false });
export type Condition = Static<typeof Condition>;

export const Refusals = Type.Array(
  Type.Object(
    {
      ...condition,
      as: Type.Enum(
        ['unknown-person', 'wrong-secret', 'disabled', 'locked', 'expired', 'must-change-password', 'not-allowed'],
        { description: 'What it means. Citizens are told one thing for all of them.' },
      ),
    },
    { additionalProperties: false, minProperties: 2 },
  ),
  {
    minItems: 1,
    maxItems: 30,
    description: 'Answers that are no sign-in, the first that fits. What fits none, and is no success, is a fault.',
  },
);
export type Refusals = Static<typeof Refusals>;

export const Success = Type.Array(Condition, {
  minItems: 1,
  maxItems: 5,
  description: 'What must hold of an answer that is a sign-in: all of it, besides the key. Left out: status 200.',
});

const warnings = Type.Array(
  Type.Object(
    {
      ...condition,
      as: Type.Enum(
        ['password-expires', 'password-expired', 'must-change-password', 'shared-account', 'acts-for-others'],
        {
          description: 'What the person is told, or what is noted of the account.',
        },
      ),
    },
    { additionalProperties: false, minProperties: 2 },
  ),
  { maxItems: 20, description: 'What a sign-in that succeeded says besides.' },
);

const attributes = Type.Array(
  Type.Object(
    {
      name: AttributeNameSetting,
      path: AnswerPath('Where it stands in the answer.'),
      verified: Type.Optional(
        Type.Boolean({ description: 'The old system may vouch for it. Left out: it is what it says, no more.' }),
      ),
    },
    { additionalProperties: false },
  ),
  { maxItems: 30, description: 'What is read besides the key, as hints for matching.' },
);

const RightsSettings = Type.Object(
  {
    list: AnswerPath('Where the list stands.'),
    subject: AnswerPath('In one of the list: the id of the client, as the old system writes it.'),
    right: Type.Union(
      [
        Type.Object({ path: AnswerPath('In one of the list.') }, { additionalProperties: false }),
        Type.Object({ named: short('The same for all of them.') }, { additionalProperties: false }),
      ],
      { description: 'What may be done for the client.' },
    ),
    kind: Type.Optional(Type.Enum(['client', 'organisation'], { description: 'Whom they are; `client` if left out.' })),
    from: Type.Optional(AnswerPath('In one of the list: since when, YYYY-MM-DD or a time with its zone.')),
    until: Type.Optional(AnswerPath('In one of the list: its last day.')),
  },
  { additionalProperties: false, description: 'Whom the person acts for: rights, which never make them the client.' },
);
export type RightsSettings = Static<typeof RightsSettings>;

/** What is made of an answer. */
export const reading = {
  success: Type.Optional(Success),
  refusals: Type.Optional(Refusals),
  key: Type.Optional(
    Type.Union(
      [
        Type.Literal('login', { description: 'The user name, where there is nothing better: noted as re-assignable.' }),
        Type.Object(
          { path: AnswerPath('Where the answer has the id that never changes hands.') },
          { additionalProperties: false },
        ),
      ],
      { description: 'What the old system knows a person by: `{ "path": "id" }` when left out.' },
    ),
  ),
  attributes: Type.Optional(attributes),
  asOfPath: Type.Optional(AnswerPath('Where the answer says when all this was last known to be true.')),
  warnings: Type.Optional(warnings),
  rights: Type.Optional(RightsSettings),
};

const Algorithm = Type.Enum(['hmac-sha256', 'ecdsa-p256-sha256', 'ed25519'], {
  description: 'By its name in RFC 9421.',
});

/** RFC 9421; see docs/contracts/old-system-endpoint.md. */
export const Signing = Type.Object(
  {
    keyId: short('`keyid`: by what name the old system knows our key.'),
    algorithm: Algorithm,
    keySecret: SecretName('Our key: the shared one (32 bytes or more, Base64), or a private key in PEM.'),
    answers: Type.Object(
      {
        keyId: short('`keyid` of the key that answers are signed with.'),
        algorithm: Algorithm,
        keySecret: Type.Optional(SecretName('The shared key, Base64.')),
        publicKey: Type.Optional(Type.String({ maxLength: 4096, description: 'PEM, for the other two algorithms.' })),
      },
      { additionalProperties: false, description: 'Answers must be signed: one that is not is a fault.' },
    ),
  },
  { additionalProperties: false, description: 'Signs each question, and believes none but signed answers.' },
);
export type Signing = Static<typeof Signing>;

/** How the old system is reached, for every method of the family. */
export const channel = {
  family: Type.Literal('http', { description: 'An old system that is asked by HTTP, with the secret in hand.' }),
  ca: Type.Optional(
    Type.String({ maxLength: 65_536, description: 'PEM of who may vouch for the server, instead of the public ones.' }),
  ),
  clientCertificate: Type.Optional(
    Type.Object(
      {
        certificate: Type.String({ maxLength: 65_536, description: 'PEM, with what stands between it and the root.' }),
        keySecret: SecretName('Name of the secret that holds its private key, PEM.'),
      },
      { additionalProperties: false, description: 'Mutual TLS: who we are.' },
    ),
  ),
  credentials: Type.Optional(
    Type.Union(
      [
        Type.Object(
          { kind: Type.Literal('bearer'), secret: SecretName('Name of the secret that holds the token.') },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            kind: Type.Literal('header'),
            name: Type.String({ pattern: '^[A-Za-z0-9-]{1,60}$', description: 'Header of the API key.' }),
            secret: SecretName('Name of the secret that holds it.'),
          },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            kind: Type.Literal('basic'),
            user: short('Our user name.'),
            secret: SecretName('Name of the secret that holds its password.'),
          },
          { additionalProperties: false },
        ),
      ],
      { description: 'Who we are, in a header.' },
    ),
  ),
  maxBytes: Type.Optional(
    Type.Integer({
      minimum: 1024,
      maximum: 1_048_576,
      description: 'Longest answer that is read: 64 KiB when left out.',
    }),
  ),
  level: Type.Optional(
    Type.Enum(['none', 'Cl', 'Cl.Cm'], {
      description: 'Most that a sign-in here is worth. Left out: what was proved.',
    }),
  ),
  limits: Type.Optional(Limits),
};
