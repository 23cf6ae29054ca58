import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { adapterOf, isThere } from './adapter-of.ts';
import { fillUrl } from './fill-template.ts';
import { checkKey, identify } from './identify.ts';
import { fits, judgeReply } from './judge-reply.ts';
import { type Channel, openChannel } from './open-channel.ts';
import { basicOf, type Typed } from './read-typed.ts';
import { readReply, type Reply } from './reply.ts';
import type { PasswordGrantSettings } from './settings.ts';
import type { Refusals } from './shared-settings.ts';

const AccessToken = Type.String({ pattern: '^[\\x21-\\x7e]{1,8192}$' });
const USUAL_REFUSALS: Refusals = [{ path: 'error', equals: 'invalid_grant', as: 'wrong-secret' }];

/** M09 by the password grant (RFC 6749 §4.3). Discouraged for new systems (RFC 9700 §2.4); this is for those that have it. */
export function createPasswordGrantAdapter(settings: PasswordGrantSettings, context: AdapterContext): PasswordAdapter {
  const { url, profile, healthUrl = url } = settings;
  checkKey(settings, context.source);
  const channel = openChannel(settings, context, [url, profile.url, healthUrl]);
  const secret = settings.clientSecret === undefined ? undefined : context.secret(settings.clientSecret);
  return adapterOf(context, {
    logIn: (typed, signal) => logIn({ settings, context, channel, secret }, typed, signal),
    health: (signal) => isThere(channel, healthUrl, signal),
  });
}

interface Grant {
  readonly settings: PasswordGrantSettings;
  readonly context: AdapterContext;
  readonly channel: Channel;
  readonly secret: string | undefined;
}

async function logIn(grant: Grant, typed: Typed, signal: AbortSignal): Promise<Answered> {
  const { settings, context, channel } = grant;
  const profileUrl = fillUrl(settings.profile.url, typed);
  if (profileUrl === undefined) return refused('misshapen');
  const exchanged = readReply(await channel.ask({ ...tokenRequest(grant, typed), signal }));
  const refusal = judgeExchange(exchanged, settings.refusals);
  if (refusal) return refusal;
  const token = exchanged.read('access_token');
  if (!Value.Check(AccessToken, token)) throw new LegacyFault('garbage', 'no access token');
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  const profile = readReply(await channel.ask({ url: profileUrl, method: 'GET', headers, signal }));
  if (profile.status !== 200) throw new LegacyFault('garbage', `no profile: status ${profile.status}`);
  return identify(profile, { settings, login: typed.login, proved: ['password'] }, context);
}

const OURS = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope', 'invalid_request'];

/** Our own credentials are wrong, or the grant is off: that is nobody's password (RFC 6749 §5.2). @throws LegacyFault */
function judgeExchange(exchanged: Reply, refusals: Refusals = USUAL_REFUSALS): ReturnType<typeof judgeReply> {
  const refusal = refusals.find((rule) => fits(exchanged, rule));
  const error = exchanged.read('error');
  if (!refusal && typeof error === 'string' && OURS.includes(error)) throw new LegacyFault('refused-us', error);
  return judgeReply(exchanged, { refusals });
}

function tokenRequest({ settings, secret }: Grant, { login, password }: Typed) {
  const { url, clientId, scope, secretIn = 'header' } = settings;
  const isBasic = secret !== undefined && secretIn === 'header';
  const form = {
    grant_type: 'password',
    username: login,
    password,
    ...(scope !== undefined && { scope }),
    ...(!isBasic && { client_id: clientId }),
    ...(secret !== undefined && !isBasic && { client_secret: secret }),
  };
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    // Both parts are form-encoded first (RFC 6749 §2.3.1).
    ...(isBasic && { authorization: basicOf(encodeURIComponent(clientId), encodeURIComponent(secret)) }),
  };
  return { url, method: 'POST', headers, body: new URLSearchParams(form).toString() } as const;
}
