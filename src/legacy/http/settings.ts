import { type Static, Type } from 'typebox';
import { SecretName } from '../assertions/claim-settings.ts';
import { FormPageSettings } from './form-page-settings.ts';
import { AnswerPath, channel, Condition, reading, Refusals, Signing, Success, Url } from './shared-settings.ts';
import { SoapSettings } from './soap-settings.ts';

/** Placeholders stand inside texts of it; each is filled as the format wants it, so nothing typed can leave its place. */
const Question = Type.Union(
  [
    Type.Object(
      {
        as: Type.Literal('json'),
        body: Type.Unknown({
          description: 'Any JSON; `{login}` and `{password}` are filled in wherever texts hold them.',
        }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        as: Type.Literal('form'),
        fields: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Type.String({ maxLength: 500 }), {
          maxProperties: 30,
          description: 'Fields of a form, filled like JSON.',
        }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      { as: Type.Literal('basic', { description: 'User name and password in an `Authorization: Basic` header.' }) },
      { additionalProperties: false },
    ),
  ],
  { description: 'Where user name and password go: `{"login": …, "password": …}` as JSON when left out.' },
);
export type Question = Static<typeof Question>;

const asking = {
  url: Url('Where the question goes; `{login}` is escaped.'),
  verb: Type.Optional(Type.Enum(['GET', 'POST', 'PUT'], { description: 'POST when left out; GET only with `basic`.' })),
  question: Type.Optional(Question),
};

const health = Type.Optional(Url('Asked to see whether the old system is there: anything but a 5xx. Left out: `url`.'));

const profile = (description: string) =>
  Type.Object({ url: Url('Asked by GET; `{login}` is escaped.') }, { additionalProperties: false, description });

/** F2, M09: one call with user name and password. */
const RestSettings = Type.Object(
  {
    ...channel,
    method: Type.Literal('M09', { description: 'REST log-in call.' }),
    ...asking,
    ...reading,
    answers: Type.Optional(
      Type.Enum(['json', 'status'], {
        description: '`status`: nothing of the body is read, and a page with it is no fault. `json` when left out.',
      }),
    ),
    profile: Type.Optional(
      profile('Read after a success, for key, attributes and warnings, instead of the first answer.'),
    ),
    signing: Type.Optional(Signing),
    healthUrl: health,
  },
  { additionalProperties: false },
);
export type RestSettings = Static<typeof RestSettings>;

/** F2, M09: the OAuth 2 password grant, where an old authorization server still has it (RFC 6749 §4.3). */
const PasswordGrantSettings = Type.Object(
  {
    ...channel,
    method: Type.Literal('M09', { description: 'REST log-in call.' }),
    grant: Type.Literal('password', { description: 'The call is a token request.' }),
    url: Url('Token endpoint.'),
    clientId: Type.String({ minLength: 1, maxLength: 300, description: 'Who we are there.' }),
    clientSecret: Type.Optional(SecretName('Name of the secret that holds our client secret.')),
    secretIn: Type.Optional(Type.Enum(['header', 'body'], { description: '`header` when left out.' })),
    scope: Type.Optional(Type.String({ maxLength: 300, description: 'What is asked for.' })),
    ...reading,
    profile: profile('Who the token is for: asked with it as Bearer.'),
    healthUrl: health,
  },
  { additionalProperties: false },
);
export type PasswordGrantSettings = Static<typeof PasswordGrantSettings>;

/** F2, M12: 12-digit user id and password, then an access code. */
const GatewaySettings = Type.Object(
  {
    ...channel,
    method: Type.Literal('M12', { description: 'Government Gateway style: id and password, then an access code.' }),
    ...asking,
    ...reading,
    idDigits: Type.Optional(Type.Integer({ minimum: 6, maximum: 20, description: 'Of a user id: 12 when left out.' })),
    code: Type.Object(
      {
        when: Type.Array(Condition, {
          minItems: 1,
          maxItems: 5,
          description: 'What must hold of the first answer when a code is to be asked for.',
        }),
        sessionPath: AnswerPath('Where the first answer has what the code is to be sent with.'),
        url: Url('Where the code goes.'),
        question: Question,
        success: Type.Optional(Success),
        refusals: Type.Optional(Refusals),
        wrong: Type.Array(Condition, {
          minItems: 1,
          maxItems: 5,
          description: 'What must hold of the answer to a wrong code: it is asked for again.',
        }),
        digits: Type.Optional(Type.Integer({ minimum: 4, maximum: 10, description: 'Of a code: 6 when left out.' })),
        tries: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: '3 when left out.' })),
        seconds: Type.Optional(
          Type.Integer({ minimum: 30, maximum: 3600, description: 'How long a code is good: 600 when left out.' }),
        ),
      },
      { additionalProperties: false, description: 'The second step; `{session}` and `{code}` are filled in as well.' },
    ),
    codeRequired: Type.Optional(
      Type.Boolean({ description: 'Who is let in without a code is refused: true when left out. False: worth `Cl`.' }),
    ),
    signing: Type.Optional(Signing),
    healthUrl: health,
  },
  { additionalProperties: false },
);
export type GatewaySettings = Static<typeof GatewaySettings>;

/** F2: the old system is asked by HTTP, with the secret in hand (M09 to M12). */
export const HttpSettings = Type.Union([
  RestSettings,
  PasswordGrantSettings,
  SoapSettings,
  FormPageSettings,
  GatewaySettings,
]);
export type HttpSettings = Static<typeof HttpSettings>;
