import { generateKeyPairSync } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { makeResponse, type Speech } from '../../demo/stand-ins/saml/make-response.ts';
import { signXml, type XmlSigning } from '../../demo/stand-ins/sign-xml.ts';
import { CALLBACK, type Journey } from './redirected-system.ts';

export const PARTNER = 'https://partner.test/saml';
export const SERVICE = 'https://old-service.test/saml';

export interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export const newKeys = (modulusLength = 2048): Keys =>
  generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

export interface Said {
  readonly keys: Keys;
  readonly speech?: Partial<Speech>;
  /** Before anything is signed: the partner itself says this. */
  readonly alter?: (xml: string) => string;
  /** Assertion when left out. Each inner one first. */
  readonly sign?: readonly ('assertion' | 'response')[];
  readonly signing?: Partial<XmlSigning>;
}

/** Id of the request that a journey left with. */
export function requestIn(journey: Journey): string {
  const encoded = new URL(journey.url).searchParams.get('SAMLRequest') ?? '';
  return inflateRawSync(Buffer.from(encoded, 'base64')).toString();
}

const PLACES = {
  assertion: {
    element: "/*/*[local-name(.)='Assertion']",
    after: "/*/*[local-name(.)='Assertion']/*[local-name(.)='Issuer']",
  },
  response: { element: '/*', after: "/*/*[local-name(.)='Issuer']" },
};

/** What a partner would post, in XML. */
export function speak(journey: Journey, { keys, speech, alter, sign = ['assertion'], signing }: Said): string {
  const requestId = / ID="([^"]+)"/.exec(requestIn(journey))?.[1] ?? '';
  const said = {
    issuer: PARTNER,
    requestId,
    acsUrl: CALLBACK,
    audience: SERVICE,
    context: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    nameId: 'pseudonym-of-anna',
    now: new Date(),
    ...speech,
  };
  const plain = makeResponse(said, { key: keys.privateKey, sign: [] });
  const altered = alter?.(plain) ?? plain;
  if (alter && altered === plain) throw new Error('nothing was altered');
  return sign.reduce((xml, what) => signXml(xml, { key: keys.privateKey, ...PLACES[what], ...signing }), altered);
}

export const posted = (journey: Journey, xml: string | Buffer): Record<string, string> => ({
  SAMLResponse: Buffer.from(xml).toString('base64'),
  RelayState: journey.handle,
});

export { makeResponse };
