import { createHash } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { type Reply, startSmallServer } from '../small-server.ts';
import { check, find, type OldPerson } from './old-people.ts';

export interface SoapStandIn {
  readonly baseUrl: string;
  stop: () => Promise<void>;
}

const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';
const WSSE = 'wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"';
const GOVTALK = 'http://www.govtalk.gov.uk/CM/envelope';
const FRESH_MS = 300_000;

/** An old system that speaks SOAP 1.1 and 1.2 with WS-Security at `/soap`, and GovTalk at `/govtalk` (M10). */
export function startSoapStandIn({ port = 0 }: { readonly port?: number } = {}): Promise<SoapStandIn> {
  const nonces = new Set<string>();
  return startSmallServer(port, ({ path, method, text }) => {
    if (method !== 'POST') return { status: 405, body: 'This is for programs.' };
    const root = parser.parseFromString(text, 'text/xml').documentElement;
    return path === '/govtalk' ? answerGovTalk(root) : answerSoap(root, nonces);
  });
}

const refuse = (message: string): never => {
  throw new SyntaxError(message);
};
/** What is not well-formed is not understood, as a real one would not. */
const parser = new DOMParser({ errorHandler: { warning: refuse, error: refuse, fatalError: refuse } });

const read = (root: Element, name: string): string => {
  const found = root.getElementsByTagNameNS('*', name);
  return found.length === 1 ? (found[0]?.textContent ?? '') : '';
};

function answerSoap(root: Element, nonces: Set<string>): Reply {
  const is12 = root.namespaceURI === SOAP_12;
  const known = whoseToken(root, nonces) ?? check(read(root, 'user'), read(root, 'pass'));
  if (!known)
    return soap(is12, 500, fault(is12, 'wsse:FailedAuthentication', 'The security token could not be authenticated.'));
  const result =
    known.state === 'open'
      ? `<o:Result state="ok"><o:Number>${known.id}</o:Number><o:Name>${escape(known.name)}</o:Name></o:Result>`
      : `<o:Result state="${known.state}"/>`;
  return soap(is12, 200, `<o:LogInResponse xmlns:o="urn:old:people">${result}</o:LogInResponse>`);
}

/** By text, or by a digest that is fresh and was not seen before. */
function whoseToken(root: Element, nonces: Set<string>): OldPerson | undefined {
  const password = root.getElementsByTagNameNS('*', 'Password')[0];
  const [user, said] = [read(root, 'Username'), password?.textContent ?? ''];
  if (!password?.getAttribute('Type')?.endsWith('#PasswordDigest')) return check(user, said);
  const known = find(user);
  const token = root.getElementsByTagNameNS('*', 'UsernameToken')[0];
  const [nonce, created] = token ? [read(token, 'Nonce'), read(token, 'Created')] : ['', ''];
  const isFresh = Math.abs(Date.now() - Date.parse(created)) < FRESH_MS && !nonces.has(nonce);
  nonces.add(nonce);
  const right = createHash('sha1')
    .update(Buffer.from(nonce, 'base64'))
    .update(created)
    .update(known?.password ?? '');
  return isFresh && right.digest('base64') === said ? known : undefined;
}

function soap(is12: boolean, status: number, body: string): Reply {
  const namespace = is12 ? SOAP_12 : 'http://schemas.xmlsoap.org/soap/envelope/';
  return {
    status,
    type: is12 ? 'application/soap+xml; charset=utf-8' : 'text/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${namespace}"><s:Body>${body}</s:Body></s:Envelope>`,
  };
}

const fault = (is12: boolean, code: string, words: string): string =>
  is12
    ? `<s:Fault xmlns:${WSSE}><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${words}</s:Text></s:Reason></s:Fault>`
    : `<s:Fault xmlns:${WSSE}><faultcode>${code}</faultcode><faultstring>${words}</faultstring></s:Fault>`;

function answerGovTalk(root: Element): Reply {
  const [sender, method, value] = [read(root, 'SenderID'), read(root, 'Method'), read(root, 'Value')];
  const known = find(sender);
  const md5 = createHash('md5')
    .update((known?.password ?? '').toLowerCase())
    .digest('base64');
  const isRight = known?.state === 'open' && value === (method === 'MD5' ? md5 : known.password);
  const error =
    '<GovTalkErrors><Error><RaisedBy>Gateway</RaisedBy><Number>1046</Number><Type>fatal</Type><Text>Authentication Failure.</Text></Error></GovTalkErrors>';
  const body = isRight
    ? `<o:Person xmlns:o="urn:old:people"><o:Number>${known.id}</o:Number><o:Name>${escape(known.name)}</o:Name></o:Person>`
    : '';
  return {
    type: 'text/xml; charset=utf-8',
    body:
      `<GovTalkMessage xmlns="${GOVTALK}"><EnvelopeVersion>2.0</EnvelopeVersion><Header><MessageDetails><Class>${read(root, 'Class')}</Class>` +
      `<Qualifier>${isRight ? 'response' : 'error'}</Qualifier><Function>submit</Function></MessageDetails></Header>` +
      `<GovTalkDetails><Keys/>${isRight ? '' : error}</GovTalkDetails><Body>${body}</Body></GovTalkMessage>`,
  };
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
