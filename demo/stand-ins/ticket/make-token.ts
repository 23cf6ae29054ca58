import { randomBytes } from 'node:crypto';
import { type Html, html as xml } from '../../services/html.ts';
import { signXml } from '../sign-xml.ts';

export interface TokenSpeech {
  readonly issuer: string;
  readonly realm: string;
  readonly method: string;
  readonly nameId: { readonly format: string; readonly value: string };
  /** By the full type of a claim. */
  readonly claims: Readonly<Record<string, string>>;
  readonly now: Date;
}

const after = (time: Date, seconds: number): string => new Date(time.getTime() + seconds * 1000).toISOString();

/** The answer of a WS-Federation server: a SAML 1.1 token in a response, as AD FS writes it. */
export const makeTokenResponse = (speech: TokenSpeech): string => {
  const token = makeToken(speech);
  return xml`<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">
    <wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy">
      <wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing">
        <wsa:Address>${speech.realm}</wsa:Address>
      </wsa:EndpointReference>
    </wsp:AppliesTo>
    <t:RequestedSecurityToken>${token}</t:RequestedSecurityToken>
  </t:RequestSecurityTokenResponse>`.html;
};

function makeToken({ issuer, realm, method, nameId, claims, now }: TokenSpeech): Html {
  const subject = xml`<saml:Subject>
    <saml:NameIdentifier Format="${nameId.format}">${nameId.value}</saml:NameIdentifier>
    <saml:SubjectConfirmation>
      <saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod>
    </saml:SubjectConfirmation>
  </saml:Subject>`;
  return xml`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1"
      AssertionID="_${randomBytes(16).toString('hex')}" Issuer="${issuer}" IssueInstant="${now.toISOString()}">
    <saml:Conditions NotBefore="${after(now, -30)}" NotOnOrAfter="${after(now, 3600)}">
      <saml:AudienceRestrictionCondition><saml:Audience>${realm}</saml:Audience></saml:AudienceRestrictionCondition>
    </saml:Conditions>
    <saml:AttributeStatement>${subject}${Object.entries(claims).map(([type, value]) => makeClaim(type, value))}</saml:AttributeStatement>
    <saml:AuthenticationStatement AuthenticationMethod="${method}" AuthenticationInstant="${now.toISOString()}">
      ${subject}
    </saml:AuthenticationStatement>
  </saml:Assertion>`;
}

function makeClaim(type: string, value: string): Html {
  const slash = type.lastIndexOf('/');
  return xml`<saml:Attribute AttributeNamespace="${type.slice(0, slash)}" AttributeName="${type.slice(slash + 1)}">
    <saml:AttributeValue>${value}</saml:AttributeValue>
  </saml:Attribute>`;
}

const TOKEN = "//*[local-name(.)='Assertion']";

/** Signs the token in a response; its signature comes last, as the schema of SAML 1.1 has it. */
export const signToken = (response: string, key: string): string =>
  signXml(response, { key, element: TOKEN, after: `${TOKEN}/*[last()]`, idName: 'AssertionID' });
