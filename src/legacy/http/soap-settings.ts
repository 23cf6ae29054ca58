import { type Static, Type } from 'typebox';
import { SecretName } from '../assertions/claim-settings.ts';
import { channel, reading } from './shared-settings.ts';

const uri = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });
const word = (description: string) => Type.String({ pattern: '^[^<>&\\p{Cc}]{1,120}$', description });

const common = {
  ...channel,
  method: Type.Literal('M10', { description: 'SOAP or another envelope of XML.' }),
  url: Type.String({ pattern: '^https?://[^\\s#{}]{1,480}$', description: 'Where the message is posted.' }),
  namespaces: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z][a-z0-9]{0,19}$' }), uri('A namespace.'), {
      maxProperties: 20,
      description: 'Prefixes of paths. `soap` is the envelope itself, `govtalk` that of GovTalk.',
    }),
  ),
  body: Type.String({
    minLength: 1,
    maxLength: 8000,
    description: 'One element of XML, with `{login}` and `{password}` where their escaped text goes, if it goes there.',
  }),
  ...reading,
};

/** SOAP 1.1 or 1.2, with a WS-Security UsernameToken or without. Paths begin below the Body. */
const SoapEnvelopeSettings = Type.Object(
  {
    ...common,
    envelope: Type.Enum(['soap-1.1', 'soap-1.2'], { description: 'Version of SOAP.' }),
    action: Type.Optional(Type.String({ pattern: '^[^\\s"\\p{Cc}]{1,300}$', description: 'SOAPAction.' })),
    token: Type.Optional(
      Type.Object(
        {
          of: Type.Enum(['person', 'us'], {
            description: 'Whose: of the person who signs in, or of a technical user of ours.',
          }),
          password: Type.Enum(['text', 'digest'], {
            description: '`digest`: of nonce, time and password, by the UsernameToken profile 1.0.',
          }),
          user: Type.Optional(word('Our user name, when it is ours.')),
          secret: Type.Optional(SecretName('Name of the secret that holds its password.')),
          seconds: Type.Optional(
            Type.Integer({ minimum: 10, maximum: 600, description: 'The message is good for: 60 when left out.' }),
          ),
        },
        { additionalProperties: false, description: 'WS-Security UsernameToken, with a Timestamp.' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type SoapEnvelopeSettings = Static<typeof SoapEnvelopeSettings>;

/** The envelope of the GovTalk schema, version 2.0. Paths begin at `GovTalkMessage`. */
const GovTalkSettings = Type.Object(
  {
    ...common,
    envelope: Type.Literal('govtalk', { description: 'GovTalk message.' }),
    messageClass: word('Class of the message.'),
    function: Type.Optional(word('Function: `submit` when left out.')),
    sender: Type.Object(
      {
        method: Type.Enum(['clear', 'MD5'], {
          description: 'How the password is sent. `MD5`: Base64 of the digest of the password in small letters.',
        }),
      },
      { additionalProperties: false, description: 'The person who signs in is the sender.' },
    ),
  },
  { additionalProperties: false },
);
export type GovTalkSettings = Static<typeof GovTalkSettings>;

/** F2, M10. */
export const SoapSettings = Type.Union([SoapEnvelopeSettings, GovTalkSettings]);
export type SoapSettings = Static<typeof SoapSettings>;
