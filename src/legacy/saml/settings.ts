import { type Static, Type } from 'typebox';
import {
  AcceptCbc,
  Certificates,
  ClaimMap,
  ClockSkew,
  LevelTable,
  MostLevel,
  SecretName,
} from '../assertions/claim-settings.ts';
import { Limits } from '../guard/limits.ts';

const uri = (description: string) => Type.String({ format: 'uri', maxLength: 500, description });
const name = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });

const metadata = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s]{1,480}$',
      description:
        'Where the metadata of the one partner is, aggregate or query service; `{entity}` stands for its entity id.',
    }),
    certificates: Certificates('Who signs it: PEM or bare Base64. Unsigned metadata is not read.'),
    refreshMinutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1440, description: 'Read anew after: 60 when left out.' }),
    ),
    maxBytes: Type.Optional(
      Type.Integer({ minimum: 4096, maximum: 4_194_304, description: 'Longest that is read: 1 MiB when left out.' }),
    ),
  },
  { additionalProperties: false, description: 'Instead of `signInUrl` and `certificates`.' },
);

/** F5: SAML 2.0 web sign-on (M17 a hub with a matching data set, M18 Shibboleth and eduGAIN). */
export const SamlSettings = Type.Object(
  {
    family: Type.Literal('saml', { description: 'A partner that signs people in by SAML 2.0.' }),
    method: Type.Enum(['M17', 'M18'], { description: 'M17: hub with matching data set. M18: Shibboleth, eduGAIN.' }),
    entityId: name('Entity id of the partner: nobody else may have made a statement.'),
    signInUrl: Type.Optional(uri('Where people sign in, when it is not read from metadata.')),
    certificates: Type.Optional(Certificates('Who signs statements; several while keys change. PEM or bare Base64.')),
    metadata: Type.Optional(metadata),
    serviceEntityId: name(
      'Entity id by which the partner knows us: that of the old service keeps its pairwise identifiers.',
    ),
    requestBinding: Type.Optional(
      Type.Enum(['redirect', 'post'], { description: 'How we ask: `redirect` when left out.' }),
    ),
    requestKeySecret: Type.Optional(
      SecretName('Name of the secret with the private key that signs requests. Left out: unsigned.'),
    ),
    requestedContexts: Type.Optional(
      Type.Array(name('An authentication context.'), {
        minItems: 1,
        maxItems: 5,
        description: 'What is asked for, any of it.',
      }),
    ),
    nameIdFormat: Type.Optional(name('Format that is asked for. Left out: whatever the partner has agreed to send.')),
    reauthenticate: Type.Optional(
      Type.Boolean({
        description:
          'People must sign in anew, and just now: true when left out. Set to false, an open session is enough.',
      }),
    ),
    signed: Type.Optional(
      Type.Enum(['either', 'assertion', 'response', 'both'], {
        description: 'What must be signed: `either` when left out. The statement that is used is always covered.',
      }),
    ),
    encryption: Type.Optional(
      Type.Enum(['required', 'allowed'], { description: '`required` for M17 and `allowed` otherwise when left out.' }),
    ),
    decryptionKeySecrets: Type.Optional(
      Type.Array(SecretName('Name of a secret with a private key of ours.'), {
        minItems: 1,
        maxItems: 4,
        description: 'Newest first.',
      }),
    ),
    acceptCbc: Type.Optional(AcceptCbc),
    identifier: Type.Union(
      [
        Type.Enum(['persistent-name-id', 'targeted-id', 'pairwise-id', 'subject-id'], {
          description: 'Identifiers that are never given to somebody else.',
        }),
        Type.Literal('eppn', {
          description: 'May be given to somebody else later: people are warned of, and proofs count less.',
        }),
        Type.Object(
          { claim: name('Name of an attribute that has one value and never changes hands.') },
          { additionalProperties: false },
        ),
      ],
      { description: 'What the old system knows a person by.' },
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9.-]{1,200}$' }), {
        maxItems: 50,
        description: 'What may stand behind @ in scoped attributes; added to those of metadata.',
      }),
    ),
    attributes: Type.Optional(ClaimMap),
    vouchesForMatchingData: Type.Optional(
      Type.Boolean({ description: 'Its marks of what is verified in a matching data set are believed.' }),
    ),
    levels: Type.Optional(LevelTable),
    mostLevel: Type.Optional(MostLevel),
    clockSkewSeconds: Type.Optional(ClockSkew),
    limits: Type.Optional(Limits),
  },
  { additionalProperties: false },
);
export type SamlSettings = Static<typeof SamlSettings>;
