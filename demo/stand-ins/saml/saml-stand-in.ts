import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { DOMParser } from '@xmldom/xmldom';
import { type Html, html as xml } from '../../services/html.ts';
import {
  type Asked,
  handOverPage,
  isAnna,
  isOnThisMachine,
  type Reply,
  signInPage,
  startSmallServer,
} from '../small-server.ts';
import { makeResponse } from './make-response.ts';

export interface SamlStandIn {
  /** For the `adapter` of a source. */
  readonly settings: {
    readonly family: 'saml';
    readonly method: 'M17' | 'M18';
    readonly entityId: string;
    readonly signInUrl: string;
    readonly certificates: string[];
    readonly serviceEntityId: string;
    readonly identifier: 'persistent-name-id';
    readonly decryptionKeySecrets?: string[];
  };
  /** By the names that the settings use. */
  readonly secrets: Readonly<Record<string, string>>;
  stop: () => Promise<void>;
}

const rsa = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

const pairOf = (privateKey: string): { publicKey: string; privateKey: string } => ({
  privateKey,
  publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }),
});

const IDA = 'http://www.cabinetoffice.gov.uk/resource-library/ida/attributes';

interface Time {
  readonly from: string;
  readonly to?: string;
}

const fact = (name: string, value: Html | string, { from, to }: Time): Html =>
  xml`<saml:Attribute Name="MDS_${name}">
    <saml:AttributeValue xmlns:ida="${IDA}" ida:From="${from}" ${to !== undefined && xml`ida:To="${to}"`} ida:Verified="true">${value}</saml:AttributeValue>
  </saml:Attribute>`;

const address = xml`<ida:Line>1 Heol Fawr</ida:Line><ida:Line>Caerdydd</ida:Line><ida:PostCode>CF10 1AA</ida:PostCode>`;

const METHODS = {
  M17: {
    title: 'Old identity hub',
    context: 'urn:uk:gov:cabinet-office:tc:saml:authn-context:level2',
    nameId: 'hub-pseudonym-of-anna',
    attributes: xml`
      ${fact('firstname', 'Anna', { from: '1984-02-29' })}
      ${fact('surname', 'Hughes', { from: '2012-06-01' })}
      ${fact('surname', 'Griffiths', { from: '1984-02-29', to: '2012-06-01' })}
      ${fact('dateofbirth', '1984-02-29', { from: '1984-02-29' })}
      ${fact('currentaddress', address, { from: '2019-03-01' })}`,
  },
  M18: {
    title: 'Old university',
    context: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    nameId: 'university-pseudonym-of-anna',
    attributes: xml`<saml:Attribute Name="urn:oid:2.16.840.1.113730.3.1.241">
      <saml:AttributeValue>Anna Hughes</saml:AttributeValue>
    </saml:Attribute>`,
  },
} as const;

/** A SAML 2.0 partner that knows one person: as a hub with a matching data set, encrypted (M17), or a university (M18). */
export async function startSamlStandIn({
  method,
  port = 0,
  decryptionKey,
}: {
  method: 'M17' | 'M18';
  port?: number;
  /** Latchkey's, as PEM: the hub encrypts to it. */
  decryptionKey?: string;
}): Promise<SamlStandIn> {
  const [signing, encryption] = await Promise.all([rsa(), decryptionKey === undefined ? rsa() : pairOf(decryptionKey)]);
  const { title, ...person } = METHODS[method];
  const isHub = method === 'M17';
  const signIn = ({ form }: Asked): Reply => {
    const { SAMLRequest = '', RelayState = '' } = Object.fromEntries(form);
    if (!isAnna(form)) return signInPage(title, { SAMLRequest, RelayState }, true);
    const { requestId, acsUrl, audience } = readRequest(SAMLRequest);
    const means = { key: signing.privateKey, ...(isHub && { encryptTo: encryption.publicKey }) };
    const answer = { ...person, requestId, acsUrl, audience, issuer: server.baseUrl, now: new Date() };
    const SAMLResponse = Buffer.from(makeResponse(answer, means)).toString('base64');
    return handOverPage(title, acsUrl, { SAMLResponse, RelayState });
  };
  const server = await startSmallServer(port, (asked) => {
    if (asked.path === '/sign-in') return signIn(asked);
    const { SAMLRequest = '', RelayState = '' } = Object.fromEntries(asked.query);
    if (asked.path !== '/saml' || SAMLRequest === '') return { status: 404 };
    readRequest(SAMLRequest);
    return signInPage(title, { SAMLRequest, RelayState });
  });
  return {
    settings: {
      family: 'saml',
      method,
      entityId: server.baseUrl,
      signInUrl: `${server.baseUrl}/saml`,
      certificates: [signing.publicKey],
      serviceEntityId: 'https://latchkey.demo/old-services',
      identifier: 'persistent-name-id',
      ...(isHub && { decryptionKeySecrets: ['old-hub-decryption'] }),
    },
    secrets: isHub ? { 'old-hub-decryption': encryption.privateKey } : {},
    stop: () => server.stop(),
  };
}

function readRequest(encoded: string): { requestId: string; acsUrl: string; audience: string } {
  const text = inflateRawSync(Buffer.from(encoded, 'base64'), { maxOutputLength: 65_536 }).toString();
  const { documentElement: request } = new DOMParser().parseFromString(text, 'text/xml');
  const acsUrl = request.getAttribute('AssertionConsumerServiceURL') ?? '';
  if (!isOnThisMachine(acsUrl)) throw new Error('not on this machine');
  const audience = request.getElementsByTagNameNS('*', 'Issuer').item(0)?.textContent ?? '';
  return { requestId: request.getAttribute('ID') ?? '', acsUrl, audience };
}
