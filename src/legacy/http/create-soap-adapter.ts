import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import type { Answered } from '../answer.ts';
import { parseXml } from '../assertions/parse-xml.ts';
import { adapterOf, isThere } from './adapter-of.ts';
import { checkKey, identify } from './identify.ts';
import { judgeReply } from './judge-reply.ts';
import { type Channel, openChannel } from './open-channel.ts';
import { prefixesOf, readEnvelope } from './read-envelope.ts';
import type { Typed } from './read-typed.ts';
import type { Refusals } from './shared-settings.ts';
import type { SoapSettings } from './soap-settings.ts';
import { writeGovTalk, writeSoap } from './write-envelope.ts';

/** What servers say when a token is not right; 1046 is the Gateway's "authentication failure". */
const USUAL_REFUSALS = {
  'soap-1.1': [{ path: 'soap:Fault/faultcode', contains: 'FailedAuthentication', as: 'wrong-secret' }],
  'soap-1.2': [
    { path: 'soap:Fault/soap:Code/soap:Subcode/soap:Value', contains: 'FailedAuthentication', as: 'wrong-secret' },
  ],
  govtalk: [
    {
      path: 'govtalk:GovTalkDetails/govtalk:GovTalkErrors/govtalk:Error/govtalk:Number',
      equals: '1046',
      as: 'wrong-secret',
    },
  ],
} as const satisfies Record<SoapSettings['envelope'], Refusals>;

/** M10: user name and password in an envelope of XML. By hand: what is sent is a template, and what comes must stay small. */
export function createSoapAdapter(settings: SoapSettings, context: AdapterContext): PasswordAdapter {
  checkSettings(settings, context);
  const channel = openChannel(settings, context, [settings.url]);
  return adapterOf(context, {
    logIn: (typed, signal) => logIn(settings, context, channel, { typed, signal }),
    health: (signal) => isThere(channel, settings.url, signal),
  });
}

async function logIn(
  settings: SoapSettings,
  context: AdapterContext,
  channel: Channel,
  { typed, signal }: { readonly typed: Typed; readonly signal: AbortSignal },
): Promise<Answered> {
  const body = settings.envelope === 'govtalk' ? writeGovTalk(settings, typed) : writeSoap(settings, typed, context);
  const headers = { accept: 'text/xml, application/soap+xml, application/xml', ...typeOf(settings) };
  const answer = await channel.ask({ url: settings.url, method: 'POST', headers, body, signal });
  const reply = readEnvelope(answer, settings);
  const { refusals = [...USUAL_REFUSALS[settings.envelope]], success = successOf(settings) } = settings;
  return (
    judgeReply(reply, { success, refusals }) ??
    identify(reply, { settings, login: typed.login, proved: ['password'] }, context)
  );
}

function typeOf(settings: SoapSettings): Readonly<Record<string, string>> {
  if (settings.envelope === 'govtalk') return { 'content-type': 'text/xml; charset=utf-8' };
  const { action = '' } = settings;
  if (settings.envelope === 'soap-1.1') return { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${action}"` };
  const parameter = action === '' ? '' : `; action="${action}"`;
  return { 'content-type': `application/soap+xml; charset=utf-8${parameter}` };
}

const successOf = ({ envelope }: SoapSettings) =>
  envelope === 'govtalk'
    ? [{ path: 'govtalk:Header/govtalk:MessageDetails/govtalk:Qualifier', equals: 'response' }]
    : [{ status: [200] }];

/** What a schema cannot say: the template is XML that stays whole, and every prefix is known. */
function checkSettings(settings: SoapSettings, { source, secret }: AdapterContext): void {
  const wrong = (what: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source}: ${what}.`);
  checkKey(settings, source);
  if (settings.key === undefined) throw wrong('XML has no usual place for the key: say where it is');
  if (!parseXml(settings.body)) throw wrong('the body is not one element of XML');
  const stray = prefixesIn(settings).find((prefix) => !(prefix in prefixesOf(settings)));
  if (stray !== undefined) throw wrong(`no namespace is given for the prefix ${stray}`);
  if (settings.envelope === 'govtalk') return;
  const { token, body } = settings;
  if (token?.of === 'us') {
    if (token.user === undefined || token.secret === undefined) throw wrong('a token of ours has a user and a secret');
    secret(token.secret);
  }
  if (token?.of !== 'person' && !body.includes('{password}')) throw wrong('the password goes nowhere');
}

/** Of all paths: one that leads nowhere would make every answer a fault. */
function prefixesIn({ key, attributes = [], success = [], refusals = [], warnings = [] }: SoapSettings): string[] {
  const rules = [...success, ...refusals, ...warnings, ...attributes, ...(typeof key === 'object' ? [key] : [])];
  const steps = rules.flatMap(({ path = '' }) => path.split('/'));
  return steps.flatMap((step) => (step.includes(':') ? [step.slice(0, step.indexOf(':'))] : []));
}
