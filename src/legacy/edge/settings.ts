import { type Static, type TString, Type } from 'typebox';
import { ClaimMap, ClockSkew, LevelTable, MostLevel, SecretName } from '../assertions/claim-settings.ts';
import { Limits } from '../guard/limits.ts';

const header = (description: string): TString => Type.String({ pattern: '^[a-z0-9_-]{1,60}$', description });
const text = (description: string): TString => Type.String({ minLength: 1, maxLength: 500, description });
const uri = (description: string): TString => Type.String({ pattern: '^https?://[^\\s#]{1,480}$', description });
const path = (description: string): TString => Type.String({ pattern: '^[A-Za-z0-9_.:/-]{1,120}$', description });
const oid = (description: string): TString =>
  Type.String({ pattern: '^[0-2](\\.[0-9]{1,20}){1,20}$', maxLength: 120, description });

const networks = Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?$' }), {
  minItems: 1,
  maxItems: 20,
  description: 'Addresses, or networks as `10.1.2.0/24`, that the gateway connects from.',
});
const certificates = Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), {
  minItems: 1,
  maxItems: 10,
  description: 'SHA-256 of the certificates that the gateway may show to our listener, lower-case hex.',
});
const secret = Type.Object(
  {
    header: header('Header in which the gateway says it.'),
    names: Type.Array(SecretName('A secret.'), {
      minItems: 1,
      maxItems: 3,
      description:
        'Secrets, any of which will do: a new and an old one while they are changed. At least 16 characters.',
    }),
  },
  { additionalProperties: false, description: 'What only the gateway and we know.' },
);

/** An address alone is nobody: whoever shares the network could say it. */
const Peer = Type.Union(
  [
    Type.Object({ networks, certificates, secret: Type.Optional(secret) }, { additionalProperties: false }),
    Type.Object({ networks, secret }, { additionalProperties: false }),
  ],
  { description: 'A gateway: where it connects from, and how it proves to be that.' },
);

const common = {
  family: Type.Literal('edge', { description: 'A gateway in front of us says who somebody is.' }),
  entryUrl: uri('Where browsers pass through the gateway to `/old-sign-in/<source>/enter` of ours.'),
  peers: Type.Array(Peer, { minItems: 1, maxItems: 10, description: 'Nobody else is believed.' }),
  healthUrl: Type.Optional(uri('Asked now and then to see whether the gateway is there.')),
  mostLevel: Type.Optional(MostLevel),
  limits: Type.Optional(Limits),
};

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

const Written = Type.Enum(['canonical', 'rfc4514', 'one-line'], {
  description:
    'How names stand in the old ids: `canonical` (RFC 4514 in lower case, when left out), `rfc4514` (as in the certificate) or `one-line` (`/C=GB/CN=…`, as OpenSSL wrote it of old).',
});

const CardIdentifier = Type.Union(
  [
    Type.Object(
      { by: Type.Literal('key') },
      { additionalProperties: false, description: 'SHA-256 of the public key.' },
    ),
    Type.Object(
      { by: Type.Literal('issuer-serial'), names: Type.Optional(Written) },
      { additionalProperties: false, description: '`<serial in hex> <issuer>`. It changes with every renewal.' },
    ),
    Type.Object(
      { by: Type.Literal('subject-issuer'), names: Type.Optional(Written) },
      { additionalProperties: false, description: '`<subject>;<issuer>`.' },
    ),
    Type.Object(
      { by: Type.Literal('subject-attribute'), oid: oid('`2.5.4.5` is serialNumber; no name or address will do.') },
      {
        additionalProperties: false,
        description: 'An id that the authority gives to a person; the whole of `ca` must give them out together.',
      },
    ),
  ],
  { description: 'What of a certificate the old ids are.' },
);

const card = {
  certificate: Type.Object(
    {
      header: header('Header with the certificate of the person.'),
      format: Type.Enum(['escaped-pem', 'pem', 'base64', 'rfc9440'], {
        description:
          '`escaped-pem`: percent-encoded, as of nginx; `pem`: its lines joined by spaces, as of Apache; `base64`: bare, as of HAProxy; `rfc9440`: `Client-Cert`.',
      }),
    },
    { additionalProperties: false, description: 'How the gateway hands it on.' },
  ),
  verdict: Type.Optional(
    Type.Object(
      { header: header('Header in which the gateway says what it found.'), value: text('`SUCCESS`.') },
      { additionalProperties: false, description: 'The certificate is checked here as well, whatever it says.' },
    ),
  ),
  subjectHeader: Type.Optional(
    header('Header with the subject, in the form of RFC 4514 or on one line: it must be that of the certificate.'),
  ),
  ca: Type.String({
    minLength: 100,
    maxLength: 262_144,
    description: 'PEM of the authorities that issue such certificates, up to their roots.',
  }),
  issuers: Type.Optional(
    Type.Array(text('A name, in the form of RFC 4514 or on one line.'), {
      minItems: 1,
      maxItems: 50,
      description: 'Which of them may have issued it directly: any when left out.',
    }),
  ),
  usages: Type.Optional(
    Type.Array(oid('An extended key usage.'), {
      minItems: 1,
      maxItems: 5,
      description: 'One of these it must be for: clientAuth when left out.',
    }),
  ),
  identifier: CardIdentifier,
  sharedPolicies: Type.Optional(
    Type.Array(oid('A certificate policy.'), { maxItems: 20, description: 'Of cards that are not one person’s.' }),
  ),
  revocation: Type.Union(
    [
      Type.Object(
        {
          by: Type.Literal('lists'),
          urls: Type.Array(uri('A revocation list, DER or PEM.'), { minItems: 1, maxItems: 20 }),
          ca: Type.Optional(Type.String({ maxLength: 65_536, description: 'PEM of who may vouch for its server.' })),
          maxBytes: Type.Optional(
            Type.Integer({ minimum: 1024, maximum: 33_554_432, description: 'Longest list: 4 MiB when left out.' }),
          ),
          refreshSeconds: Type.Optional(
            Type.Integer({ minimum: 10, maximum: 86_400, description: 'Asked anew after: 3600 when left out.' }),
          ),
        },
        { additionalProperties: false, description: 'Without a list that is in date nobody is let in.' },
      ),
      Type.Object({ by: Type.Literal('gateway') }, { additionalProperties: false }),
    ],
    { description: 'Who sees to it that a certificate was not revoked: we, or the gateway alone.' },
  ),
  attributes: Type.Optional(ClaimMap),
  warnDays: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 365, description: 'Its end is near: 30 days when left out.' }),
  ),
};

const policies = Type.Array(oid('A certificate policy.'), {
  minItems: 1,
  maxItems: 20,
  description: 'One of these it must have been issued by.',
});

/** M40: a certificate whose key lies in a file. */
export const CertificateSettings = Type.Object(
  {
    ...common,
    ...card,
    method: Type.Literal('M40', { description: 'Client certificate.' }),
    policies: Type.Optional(policies),
  },
  { additionalProperties: false },
);

/** M41: a certificate whose key lies in a card, as its policy says. */
export const SmartcardSettings = Type.Object(
  { ...common, ...card, method: Type.Literal('M41', { description: 'Smartcard.' }), policies },
  { additionalProperties: false },
);
export type CardSettings = Static<typeof CertificateSettings> | Static<typeof SmartcardSettings>;

/** F8: a gateway in front of us (M15, M24, M40, M41). */
export const EdgeSettings = Type.Union([
  KerberosSettings,
  HeaderSettings,
  TokenSettings,
  CertificateSettings,
  SmartcardSettings,
]);
export type EdgeSettings = Static<typeof EdgeSettings>;
