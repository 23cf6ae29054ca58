import { type Static, Type } from 'typebox';
import { ClaimMap } from '../assertions/claim-settings.ts';
import { common, header, oid, text, uri } from './common-settings.ts';

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
      format: Type.Enum(['escaped-pem', 'pem', 'base64', 'rfc9440', 'xfcc'], {
        description:
          '`escaped-pem`: percent-encoded, as of nginx and AWS; `pem`: its lines joined by spaces, as of Apache; `base64`: bare, as of HAProxy and Traefik; `rfc9440`: `Client-Cert`; `xfcc`: `X-Forwarded-Client-Cert` of Envoy.',
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
