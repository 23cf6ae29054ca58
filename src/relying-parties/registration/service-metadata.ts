import { type Static, type TSchema, Type } from 'typebox';

const text = (description: string, maxLength: number) => Type.String({ description, minLength: 1, maxLength });
const uri = (description: string) => Type.String({ description, minLength: 1, maxLength: 2048 });
const list = <T extends TSchema>(items: T, minItems: number, maxItems: number, description: string) =>
  Type.Array(items, { minItems, maxItems, uniqueItems: true, description });

export const SCOPES = ['openid', 'email', 'phone', 'profile', 'offline_access'] as const;

/** Claims a service may be allowed to ask for (behaviour.md, "Services"). */
export const CLAIMS = [
  'email',
  'email_verified',
  'phone_number',
  'phone_number_verified',
  'name',
  'legacy_accounts',
  'also_known_as',
  'acts_for',
  'organisations',
] as const;

/**
 * What a service is registered with: the shape of `service_versions.metadata`. Each field is judged by itself first
 * (`checks/shape`), then by the checks that know what it means.
 */
export const ServiceMetadataSchema = Type.Object(
  {
    name: Type.Object(
      { en: text('Name citizens see', 100), cy: Type.Optional(text('The same in Welsh', 100)) },
      { additionalProperties: false },
    ),
    kind: Type.Enum(['service', 'internal'], { description: '`internal` is a page of our own' }),
    logoUrl: Type.Optional(uri('Logo on the sign-in page')),
    policyUrl: Type.Optional(uri('Privacy notice')),
    termsUrl: Type.Optional(uri('Terms of use')),
    homeUrl: Type.Optional(uri('Where the service starts')),
    redirectUris: list(uri('Compared character by character'), 1, 50, 'Where codes may be sent'),
    postLogoutRedirectUris: list(uri('Compared character by character'), 0, 50, 'Where a sign-out may end'),
    backchannelLogoutUri: Type.Optional(uri('Told when a session ends')),
    eventsUri: Type.Optional(uri('Told when two subs become one person, or two again')),
    authMethod: Type.Enum(['private_key_jwt', 'client_secret_post', 'none'], {
      description: 'How the service proves itself at the token endpoint; `none` for internal services only',
    }),
    jwks: Type.Optional(
      Type.Object(
        { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: 10 }) },
        { additionalProperties: false },
      ),
    ),
    jwksUri: Type.Optional(uri('Where the public keys are published')),
    secretHash: Type.Optional(
      Type.String({ description: 'Made by us, never accepted', pattern: '^sha256:[A-Za-z0-9_-]{43}$' }),
    ),
    idTokenAlg: Type.Enum(['ES256', 'RS256'], { description: 'Signature of ID tokens' }),
    sector: Type.String({
      description: 'Services of one sector know a person by the same `sub`',
      maxLength: 253,
      pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
    }),
    scopes: list(Type.Enum([...SCOPES]), 1, SCOPES.length, 'Scopes the service may ask for'),
    claims: list(Type.Enum([...CLAIMS]), 0, CLAIMS.length, 'Claims the service may ask for'),
    levels: list(Type.Enum(['Cl', 'Cl.Cm']), 1, 2, 'Levels the service may ask for'),
    pkce: Type.Enum(['required', 'optional'], { description: '`optional` for a service that cannot send it' }),
    refreshTokens: Type.Boolean({ description: 'Whether offline access is granted' }),
    sources: list(
      Type.String({ pattern: '^[a-z][a-z0-9-]{1,62}$' }),
      0,
      100,
      'Old sources whose accounts may be brought along here',
    ),
    highSecurity: Type.Boolean({
      description: 'Assertion audience is the issuer only; no shared secret; requests are pushed (PAR)',
    }),
  },
  { additionalProperties: false },
);

type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type ServiceMetadata = DeepReadonly<Static<typeof ServiceMetadataSchema>>;
