import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { identify, readPath } from '../assertions/identify-claims.ts';
import type { OAuth1Settings } from './settings.ts';
import { signOAuth1 } from './sign-oauth1.ts';

const State = Type.Object({ token: Type.String(), secret: Type.String() });
type State = { readonly token: string; readonly secret: string };
interface Call {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly token?: State;
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * M22: OAuth 1.0a. The verifier that 1.0a added is required: without it a request token that an attacker began could be
 * finished with the victim's sign-in (session fixation). Signed by hand: 40 lines, and the packages have not been kept.
 */
export function createOAuth1Adapter(settings: OAuth1Settings, context: AdapterContext): RedirectAdapter {
  const call = async ({ url, method = 'POST', token, more = {} }: Call, signal: AbortSignal): Promise<string> => {
    const consumer = { token: settings.clientId, secret: context.secret(settings.secret) };
    const nonce = context.randomBytes(16).toString('hex');
    const authorization = signOAuth1({ url, method, consumer, token, more, nonce, at: context.now() });
    const tls = settings.ca === undefined ? {} : { tls: { ca: settings.ca } };
    const answer = await askHttp(context.egress, { url, method, headers: { authorization }, signal, ...tls });
    if (answer.status >= 500) throw new LegacyFault('server-error', `status ${answer.status}`);
    if (answer.status !== 200) throw new LegacyFault('refused-us', `status ${answer.status}`);
    return answer.body.toString('utf8');
  };

  return {
    kind: 'redirect',
    family: 'oidc',
    async depart({ callbackUrl, handle, signal }) {
      const callback = new URL(callbackUrl);
      callback.searchParams.set('state', handle);
      const more = { oauth_callback: callback.href };
      const given = new URLSearchParams(await call({ url: settings.requestTokenUrl, more }, signal));
      if (given.get('oauth_callback_confirmed') !== 'true') throw new LegacyFault('garbage', 'not OAuth 1.0a');
      const token = tokenOf(given);
      const url = new URL(settings.authorizationUrl);
      url.searchParams.set('oauth_token', token.token);
      return { outcome: 'redirect', url: url.href, state: JSON.stringify(token) };
    },
    handleOf: ({ state }) => state,
    finish: (back) => finish(settings, context, back, call),
    async health(signal) {
      const tls = settings.ca === undefined ? {} : { tls: { ca: settings.ca } };
      const { status } = await askHttp(context.egress, { url: settings.authorizationUrl, signal, ...tls });
      if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
    },
    close: async () => {},
  };
}

async function finish(
  settings: OAuth1Settings,
  context: AdapterContext,
  { parameters, handle, state, signal }: Return,
  call: (call: Call, signal: AbortSignal) => Promise<string>,
): Promise<Answered> {
  const asked = Value.Parse(State, JSON.parse(state));
  const { oauth_token: token, oauth_verifier: verifier, denied } = parameters;
  if (parameters['state'] !== handle) return refused('not-bound');
  if (denied !== undefined) return refused('cancelled');
  if (token !== asked.token) return refused('not-bound');
  if (verifier === undefined || verifier === '') return refused('unsigned');
  if (verifier.length > 2048) return refused('misshapen');
  const more = { oauth_verifier: verifier };
  const exchanged = await call({ url: settings.accessTokenUrl, token: asked, more }, signal).catch(asReplay);
  if (exchanged === undefined) return refused('replayed');
  const access = tokenOf(new URLSearchParams(exchanged));
  const text = await call({ url: settings.profileUrl, method: 'GET', token: access }, signal);
  const profile = parse(text);
  const identifier = [readPath(profile, settings.identifierPath)];
  return identify({ settings, identifier, claims: profile, contexts: [] }, context);
}

/** A verifier that is wrong, or was used already. */
function asReplay(error: unknown): undefined {
  if (error instanceof LegacyFault && error.reason === 'refused-us') return undefined;
  throw error;
}

function tokenOf(given: URLSearchParams): State {
  const token = given.get('oauth_token') ?? '';
  const secret = given.get('oauth_token_secret');
  if (token === '' || secret === null) throw new LegacyFault('garbage', 'no token');
  return { token, secret };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LegacyFault('garbage', 'not JSON', error);
  }
}
