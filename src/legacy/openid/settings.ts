import { type Static, Type } from 'typebox';
import { ClaimMap, ClockSkew, LevelTable, MostLevel, SecretName } from '../assertions/claim-settings.ts';
import { Limits } from '../guard/limits.ts';

const uri = (description: string) => Type.String({ pattern: '^https?://[^\\s#]{1,480}$', description });
const name = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });
const path = (description: string) => Type.String({ pattern: '^[A-Za-z0-9_.:/-]{1,120}$', description });

const common = {
  family: Type.Literal('oidc', { description: 'A partner that signs people in by OpenID Connect or OAuth.' }),
  clientId: name('Client id by which the partner knows us: that of the old service keeps its pairwise identifiers.'),
  attributes: Type.Optional(ClaimMap),
  levels: Type.Optional(LevelTable),
  mostLevel: Type.Optional(MostLevel),
  ca: Type.Optional(
    Type.String({ maxLength: 65_536, description: 'PEM of who may vouch for the server, instead of the public ones.' }),
  ),
  limits: Type.Optional(Limits),
};

const scopes = Type.Optional(
  Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}$' }), {
    maxItems: 20,
    description: 'What is asked for.',
  }),
);

/** M20: an OpenID Connect issuer. */
export const OpenIdSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M20', { description: 'OpenID Connect, code flow.' }),
    issuer: uri('Issuer, to the letter; discovery is below it.'),
    authentication: Type.Union(
      [
        Type.Object(
          {
            kind: Type.Literal('private_key_jwt'),
            keySecret: SecretName('Private key, PKCS #8 as PEM.'),
            alg: Type.Enum(['RS256', 'PS256', 'ES256']),
            kid: Type.Optional(name('Key id.')),
          },
          { additionalProperties: false },
        ),
        Type.Object(
          { kind: Type.Enum(['client_secret_post', 'client_secret_basic']), secret: SecretName('Client secret.') },
          { additionalProperties: false },
        ),
      ],
      { description: 'How we prove who asks.' },
    ),
    scopes,
    idTokenAlg: Type.Optional(Type.Enum(['RS256', 'PS256', 'ES256', 'EdDSA'], { description: 'RS256 when left out.' })),
    contexts: Type.Optional(
      Type.Array(name('A value.'), { minItems: 1, maxItems: 5, description: '`acr_values` that are asked for.' }),
    ),
    vectors: Type.Optional(
      Type.Array(name('A value.'), { minItems: 1, maxItems: 5, description: '`vtr` that is asked for.' }),
    ),
    levelClaim: Type.Optional(
      Type.Enum(['acr', 'vot', 'amr'], { description: 'What `levels` is about: `acr` when left out.' }),
    ),
    identifier: Type.Optional(
      Type.Array(path('A claim of the ID token.'), {
        minItems: 1,
        maxItems: 3,
        description:
          'Claims that together name a person and never change hands: `["sub"]` when left out; Entra: `["tid","oid"]`.',
      }),
    ),
    userinfo: Type.Optional(Type.Boolean({ description: 'Claims are read from userinfo, too.' })),
    reauthenticate: Type.Optional(
      Type.Boolean({ description: 'People must sign in anew, and just now: true when left out.' }),
    ),
    clockSkewSeconds: Type.Optional(ClockSkew),
  },
  { additionalProperties: false },
);
export type OpenIdSettings = Static<typeof OpenIdSettings>;

/** M21: OAuth 2 and a profile call. An access token says nothing of who it was made for: that must be asked. */
export const OAuth2Settings = Type.Object(
  {
    ...common,
    method: Type.Literal('M21', { description: 'OAuth 2 without ID token.' }),
    authorizationUrl: uri('Where people sign in.'),
    tokenUrl: uri('Where the code is exchanged.'),
    secret: SecretName('Client secret.'),
    secretIn: Type.Optional(Type.Enum(['body', 'header'], { description: 'How it is sent: `body` when left out.' })),
    scopes,
    pkce: Type.Optional(Type.Boolean({ description: 'True when left out.' })),
    audience: Type.Object(
      {
        url: uri('Introspection or debug call that names the client a token was made for.'),
        tokenParameter: Type.Optional(name('Parameter of the token: `token` when left out.')),
        method: Type.Optional(Type.Enum(['GET', 'POST'], { description: 'POST when left out.' })),
        clientPath: path('Where the answer names the client: `client_id`, `data.app_id`.'),
      },
      { additionalProperties: false, description: 'A token that was made for somebody else is refused (L10).' },
    ),
    profileUrl: uri('Who signed in.'),
    identifierPath: path('Where the answer has the id that never changes hands: `id`, `data.user_id`.'),
  },
  { additionalProperties: false },
);
export type OAuth2Settings = Static<typeof OAuth2Settings>;

/** M22: OAuth 1.0a. */
export const OAuth1Settings = Type.Object(
  {
    ...common,
    method: Type.Literal('M22', { description: 'OAuth 1.0a.' }),
    secret: SecretName('Consumer secret.'),
    requestTokenUrl: uri('Where a request token is made.'),
    authorizationUrl: uri('Where people sign in.'),
    accessTokenUrl: uri('Where it is exchanged.'),
    profileUrl: uri('Who signed in.'),
    identifierPath: path('Where the answer has the id that never changes hands.'),
  },
  { additionalProperties: false },
);
export type OAuth1Settings = Static<typeof OAuth1Settings>;

/** F6: a foreign issuer (M20 to M22). */
export const OidcSettings = Type.Union([OpenIdSettings, OAuth2Settings, OAuth1Settings]);
export type OidcSettings = Static<typeof OidcSettings>;
