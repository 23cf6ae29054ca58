import { createCipheriv, publicEncrypt, randomBytes, constants } from 'node:crypto';
import { type Html, html as xml } from '../../services/html.ts';
import { signXml } from '../sign-xml.ts';

export interface Speech {
  readonly issuer: string;
  /** The request, and where its answer goes. */
  readonly requestId: string;
  readonly acsUrl: string;
  readonly audience: string;
  readonly context: string;
  readonly nameId: string;
  readonly attributes?: Html;
  readonly now: Date;
}

interface Means {
  /** PEM of the private key that signs. */
  readonly key: string;
  readonly sign?: readonly ('assertion' | 'response')[];
  /** PEM of the public key of whom it is for. */
  readonly encryptTo?: string;
}

const newId = (): string => `_${randomBytes(16).toString('hex')}`;
const after = (time: Date, seconds: number): string => new Date(time.getTime() + seconds * 1000).toISOString();

/** A response of SAML 2.0 with one assertion, signed, and encrypted when it is told to whom. */
export function makeResponse(speech: Speech, { key, sign = ['assertion'], encryptTo }: Means): string {
  const bare = makeAssertion(speech).html;
  const assertion = sign.includes('assertion') ? signXml(bare, { key, ...PLACE.assertion }) : bare;
  const held = encryptTo === undefined ? assertion : encrypt(assertion, encryptTo);
  const response = xml`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
      xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" Version="2.0"
      IssueInstant="${speech.now.toISOString()}" Destination="${speech.acsUrl}" InResponseTo="${speech.requestId}">
    <saml:Issuer>${speech.issuer}</saml:Issuer>
    <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
    ${{ html: held }}
  </samlp:Response>`.html;
  return sign.includes('response') ? signXml(response, { key, ...PLACE.response }) : response;
}

const PLACE = {
  assertion: {
    element: "/*[local-name(.)='Assertion']",
    after: "/*[local-name(.)='Assertion']/*[local-name(.)='Issuer']",
  },
  response: {
    element: "/*[local-name(.)='Response']",
    after: "/*[local-name(.)='Response']/*[local-name(.)='Issuer']",
  },
};

const makeAssertion = ({ issuer, requestId, acsUrl, audience, context, nameId, attributes, now }: Speech): Html =>
  xml`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" Version="2.0"
      IssueInstant="${now.toISOString()}">
    <saml:Issuer>${issuer}</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${nameId}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData Recipient="${acsUrl}" InResponseTo="${requestId}" NotOnOrAfter="${after(now, 300)}"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="${after(now, -30)}" NotOnOrAfter="${after(now, 300)}">
      <saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="${now.toISOString()}">
      <saml:AuthnContext><saml:AuthnContextClassRef>${context}</saml:AuthnContextClassRef></saml:AuthnContext>
    </saml:AuthnStatement>
    ${attributes && xml`<saml:AttributeStatement>${attributes}</saml:AttributeStatement>`}
  </saml:Assertion>`;

const cipherData = (bytes: Buffer): Html =>
  xml`<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;

/** AES-256-GCM, its key wrapped by RSA-OAEP with SHA-256. */
function encrypt(assertion: string, publicKey: string): string {
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([iv, cipher.update(assertion, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, key);
  return xml`<saml:EncryptedAssertion>
    <xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
      <xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <xenc:EncryptedKey>
          <xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">
            <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
            <xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>
          </xenc:EncryptionMethod>
          ${cipherData(wrapped)}
        </xenc:EncryptedKey>
      </ds:KeyInfo>
      ${cipherData(sealed)}
    </xenc:EncryptedData>
  </saml:EncryptedAssertion>`.html;
}
