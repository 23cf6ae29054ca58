import { createHash } from 'node:crypto';
import type { AdapterContext } from '../adapter.ts';
import { escapeXml, fillXml } from './fill-template.ts';
import type { Typed } from './read-typed.ts';
import type { GovTalkSettings, SoapEnvelopeSettings } from './soap-settings.ts';

export const SOAP = {
  'soap-1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  'soap-1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;
export const GOVTALK = 'http://www.govtalk.gov.uk/CM/envelope';

const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
const WSSE = `${OASIS}-wssecurity-secext-1.0.xsd`;
const WSU = `${OASIS}-wssecurity-utility-1.0.xsd`;
const TOKEN_PROFILE = `${OASIS}-username-token-profile-1.0`;
const LIFETIME_SECONDS = 60;

type Means = Pick<AdapterContext, 'now' | 'randomBytes' | 'secret'>;

/** @see Web Services Security UsernameToken Profile 1.0 */
export function writeSoap(settings: SoapEnvelopeSettings, typed: Typed, means: Means): string {
  const { envelope, body, token } = settings;
  const header = token ? writeSecurity(token, typed, means) : '';
  return (
    `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${SOAP[envelope]}">` +
    `<soap:Header>${header}</soap:Header><soap:Body>${fillXml(body, { ...typed })}</soap:Body></soap:Envelope>`
  );
}

function writeSecurity(token: NonNullable<SoapEnvelopeSettings['token']>, typed: Typed, means: Means): string {
  const isOurs = token.of === 'us';
  const user = isOurs ? (token.user ?? '') : typed.login;
  const password = isOurs ? means.secret(token.secret ?? '') : typed.password;
  const created = means.now();
  const expires = new Date(created.getTime() + (token.seconds ?? LIFETIME_SECONDS) * 1000);
  return (
    `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" soap:mustUnderstand="1">` +
    `<wsu:Timestamp><wsu:Created>${created.toISOString()}</wsu:Created><wsu:Expires>${expires.toISOString()}</wsu:Expires></wsu:Timestamp>` +
    `<wsse:UsernameToken><wsse:Username>${escapeXml(user)}</wsse:Username>` +
    (token.password === 'digest' ? digestOf(password, created, means.randomBytes(16)) : textOf(password)) +
    `</wsse:UsernameToken></wsse:Security>`
  );
}

const textOf = (password: string): string =>
  `<wsse:Password Type="${TOKEN_PROFILE}#PasswordText">${escapeXml(password)}</wsse:Password>`;

/** SHA-1 is what the profile names: it hides the password from a reader of messages, no more. TLS is around it. */
function digestOf(password: string, created: Date, nonce: Buffer): string {
  const time = created.toISOString();
  const digest = createHash('sha1').update(nonce).update(time).update(password).digest('base64');
  return (
    `<wsse:Password Type="${TOKEN_PROFILE}#PasswordDigest">${digest}</wsse:Password>` +
    `<wsse:Nonce EncodingType="${OASIS}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</wsse:Nonce>` +
    `<wsu:Created>${time}</wsu:Created>`
  );
}

/** @see GovTalk Schema 2.0, GovTalkMessage */
export function writeGovTalk(settings: GovTalkSettings, typed: Typed): string {
  const { messageClass, function: named = 'submit', sender, body } = settings;
  const value =
    sender.method === 'clear'
      ? escapeXml(typed.password)
      : createHash('md5').update(typed.password.toLowerCase()).digest('base64');
  return (
    `<?xml version="1.0" encoding="UTF-8"?><GovTalkMessage xmlns="${GOVTALK}"><EnvelopeVersion>2.0</EnvelopeVersion>` +
    `<Header><MessageDetails><Class>${escapeXml(messageClass)}</Class><Qualifier>request</Qualifier>` +
    `<Function>${escapeXml(named)}</Function><CorrelationID></CorrelationID><Transformation>XML</Transformation></MessageDetails>` +
    `<SenderDetails><IDAuthentication><SenderID>${escapeXml(typed.login)}</SenderID><Authentication>` +
    `<Method>${sender.method}</Method><Role>principal</Role><Value>${value}</Value>` +
    `</Authentication></IDAuthentication></SenderDetails></Header>` +
    `<GovTalkDetails><Keys></Keys></GovTalkDetails><Body>${fillXml(body, { ...typed })}</Body></GovTalkMessage>`
  );
}
