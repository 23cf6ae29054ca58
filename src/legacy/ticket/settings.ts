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

const uri = (description: string) => Type.String({ pattern: '^https?://[^\\s#]{1,480}$', description });
const name = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });

const common = {
  family: Type.Literal('ticket', { description: 'A partner that hands the browser a ticket or token after sign-in.' }),
  reauthenticate: Type.Optional(
    Type.Boolean({
      description:
        'People must sign in anew, and just now: true when left out. Set to false, an open session is enough.',
    }),
  ),
  identifierMayBeReassigned: Type.Optional(
    Type.Boolean({
      description: 'The identifier may be given to somebody else later: people are warned of, and proofs count less.',
    }),
  ),
  attributes: Type.Optional(ClaimMap),
  levels: Type.Optional(LevelTable),
  mostLevel: Type.Optional(MostLevel),
  limits: Type.Optional(Limits),
};

/** F7, M19: WS-Federation, passive profile: AD FS and its like, with SAML 1.1 or 2.0 tokens. */
export const FederationSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M19', { description: 'WS-Federation.' }),
    passiveUrl: uri('Where people sign in: the passive requestor endpoint.'),
    issuer: name('Who must have issued the token.'),
    realm: name('`wtrealm`: the name by which the partner knows us, that of the old service.'),
    certificates: Certificates('Who signs tokens; several while keys change. PEM or bare Base64.'),
    sendReplyAddress: Type.Optional(
      Type.Boolean({ description: 'Tells the partner where to answer (`wreply`): true when left out.' }),
    ),
    requestedMethod: Type.Optional(name('`wauth`: how people should be signed in.')),
    decryptionKeySecrets: Type.Optional(
      Type.Array(SecretName('Name of a secret with a private key of ours.'), {
        minItems: 1,
        maxItems: 4,
        description: 'For encrypted tokens, the newest first.',
      }),
    ),
    acceptCbc: Type.Optional(AcceptCbc),
    identifier: Type.Union(
      [
        Type.Literal('name-identifier', { description: 'The subject of the token.' }),
        Type.Object({ claim: name('Claim that has one value: its full type.') }, { additionalProperties: false }),
      ],
      { description: 'What the old system knows a person by; never an e-mail address.' },
    ),
    clockSkewSeconds: Type.Optional(ClockSkew),
  },
  { additionalProperties: false },
);
export type FederationSettings = Static<typeof FederationSettings>;

/** F7, M23: CAS 2 and 3. */
export const CasSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M23', { description: 'Central Authentication Service.' }),
    baseUrl: uri('What stands before `/login` and `/serviceValidate`.'),
    version: Type.Optional(
      Type.Enum(['2', '3'], { description: 'Of the protocol: 3 when left out, which says more of people.' }),
    ),
    ca: Type.Optional(
      Type.String({
        maxLength: 65_536,
        description: 'PEM of who may vouch for the server, instead of the public authorities.',
      }),
    ),
    identifier: Type.Union(
      [
        Type.Literal('user', { description: 'The user name of the ticket.' }),
        Type.Object({ claim: name('Attribute that has one value.') }, { additionalProperties: false }),
      ],
      { description: 'What the old system knows a person by.' },
    ),
    levelAttribute: Type.Optional(
      name('Attribute whose values `levels` is about. Left out: every ticket is worth `Cl`.'),
    ),
  },
  { additionalProperties: false },
);
export type CasSettings = Static<typeof CasSettings>;

/** F7: the browser brings a ticket or a token (M19, M23). */
export const TicketSettings = Type.Union([FederationSettings, CasSettings]);
export type TicketSettings = Static<typeof TicketSettings>;
