import { type Static, Type } from 'typebox';
import { ClaimMap, ClockSkew, LevelTable } from '../assertions/claim-settings.ts';
import { CertificateSettings, SmartcardSettings } from './card-settings.ts';
import { common, header, path, text, uri } from './common-settings.ts';

const Encoding = Type.Enum(['utf-8', 'latin-1', 'percent'], {
  description: 'How the gateway writes what is not ASCII: `utf-8` when left out.',
});

const MayBeReassigned = (otherwise: string): ReturnType<typeof Type.Boolean> =>
  Type.Boolean({ description: `Whether a name is given to somebody else one day: ${otherwise} when left out.` });

/** M15: a gateway that has taken a ticket. */
export const KerberosSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M15', { description: 'Kerberos by SPNEGO.' }),
    principalHeader: header('Header with the whole principal, `name@REALM`.'),
    realms: Type.Array(
      Type.Object(
        {
          realm: text('To the letter.'),
          as: Type.Optional(
            Type.String({
              maxLength: 200,
              description: 'What the old ids have after the @; empty: they end before it.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 20, description: 'Whose people are let in; no two of them as the same.' },
    ),
    ignoreCase: Type.Optional(
      Type.Boolean({ description: 'Names are the same in any case, as in Active Directory; old ids in lower case.' }),
    ),
    refuse: Type.Optional(
      Type.Array(text('A name, without realm.'), {
        maxItems: 100,
        description: 'Names that are no people: `Administrator`. Those of services and machines are never let in.',
      }),
    ),
    mechanism: Type.Optional(
      Type.Object(
        {
          header: header('Header in which the gateway says how somebody signed in.'),
          values: Type.Array(text('A value.'), { minItems: 1, maxItems: 5, description: 'What it says of a ticket.' }),
        },
        { additionalProperties: false, description: 'For a gateway that would take NTLM, too.' },
      ),
    ),
    identifierHeader: Type.Optional(
      header('Header with the directory’s own id (objectGUID); left out: the principal is what the old ids are.'),
    ),
    principalMayBeReassigned: Type.Optional(MayBeReassigned('true')),
  },
  { additionalProperties: false },
);
export type KerberosSettings = Static<typeof KerberosSettings>;

/** M24: a gateway that writes headers. */
export const HeaderSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M24', { description: 'A gateway’s word.' }),
    statement: Type.Literal('headers', { description: 'In headers that say it openly.' }),
    identifierHeader: header('Header with the id that never changes hands: `sm_universalid`, `iv-user`.'),
    encoding: Type.Optional(Encoding),
    nobody: Type.Optional(
      Type.Array(text('A value.'), {
        maxItems: 20,
        description: 'What stands there for nobody, beside `Unauthenticated`, `anonymous`, `guest`, `(null)`, `-`.',
      }),
    ),
    attributes: Type.Optional(ClaimMap),
    levelHeader: Type.Optional(header('Header that `levels` is about.')),
    levels: Type.Optional(LevelTable),
    identifierMayBeReassigned: Type.Optional(MayBeReassigned('false')),
  },
  { additionalProperties: false },
);
export type HeaderSettings = Static<typeof HeaderSettings>;

/** M24, as it should be: a statement that is signed, and good for this journey only. */
export const TokenSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M24', { description: 'A gateway’s word.' }),
    statement: Type.Literal('jwt', { description: 'In a signed token.' }),
    tokenHeader: header('Header with the token; `Bearer ` may stand in front.'),
    issuer: text('`iss`, to the letter.'),
    audience: text('`aud` that means us.'),
    algorithms: Type.Array(
      Type.Enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']),
      {
        minItems: 1,
        maxItems: 4,
        uniqueItems: true,
        description: 'How it may be signed.',
      },
    ),
    keys: Type.Union(
      [
        Type.Object({ url: uri('JWK set of the gateway.') }, { additionalProperties: false }),
        Type.Object(
          { pem: Type.Array(Type.String({ minLength: 80, maxLength: 8192 }), { minItems: 1, maxItems: 5 }) },
          { additionalProperties: false },
        ),
      ],
      { description: 'Public keys of the gateway, or where they are.' },
    ),
    ca: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'PEM of who may vouch for that server, not the public ones.' }),
    ),
    handleClaim: Type.Optional(
      path('Claim in which the gateway repeats the `handle` it was asked with: `nonce`. Left out: it cannot.'),
    ),
    maxAgeSeconds: Type.Optional(
      Type.Integer({ minimum: 5, maximum: 3600, description: 'Since `iat`: 120 when left out.' }),
    ),
    clockSkewSeconds: Type.Optional(ClockSkew),
    identifier: Type.Optional(
      Type.Array(path('A claim.'), {
        minItems: 1,
        maxItems: 3,
        description: 'Claims that together name a person and never change hands: `["sub"]` when left out.',
      }),
    ),
    attributes: Type.Optional(ClaimMap),
    levelClaim: Type.Optional(path('Claim that `levels` is about: `acr` when left out.')),
    levels: Type.Optional(LevelTable),
  },
  { additionalProperties: false },
);
export type TokenSettings = Static<typeof TokenSettings>;

/** F8: a gateway in front of us (M15, M24, M40, M41). */
export const EdgeSettings = Type.Union([
  KerberosSettings,
  HeaderSettings,
  TokenSettings,
  CertificateSettings,
  SmartcardSettings,
]);
export type EdgeSettings = Static<typeof EdgeSettings>;
