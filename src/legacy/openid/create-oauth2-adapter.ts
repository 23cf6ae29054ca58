import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { askJson } from './ask-json.ts';
import { identify, readPath } from '../assertions/identify-claims.ts';
import type { OAuth2Settings } from './settings.ts';

const Token = Type.Object({ access_token: Type.String({ minLength: 1, maxLength: 8192 }) });

/**
 * M21: OAuth 2 and a profile call. A token that another service got for its own use says who somebody is, too: so who the
 * token was made for is asked before the profile is believed (L10). By hand: two form posts, and libraries want discovery.
 */
export function createOAuth2Adapter(settings: OAuth2Settings, context: AdapterContext): RedirectAdapter {
  const { authorizationUrl, clientId, scopes = [], pkce = true } = settings;
  return {
    kind: 'redirect',
    family: 'oidc',
    async depart({ callbackUrl, handle }) {
      const verifier = context.randomBytes(32).toString('base64url');
      const url = new URL(authorizationUrl);
      const parameters = { response_type: 'code', client_id: clientId, redirect_uri: callbackUrl, state: handle };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      if (scopes.length > 0) url.searchParams.set('scope', scopes.join(' '));
      if (pkce) {
        url.searchParams.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'));
        url.searchParams.set('code_challenge_method', 'S256');
      }
      return { outcome: 'redirect', url: url.href, state: verifier };
    },
    handleOf: ({ state }) => state,
    finish: (back) => finish(settings, context, back),
    async health(signal) {
      await askJson(context.egress, { url: settings.profileUrl, signal, ca: settings.ca, accept: 'anything' });
    },
    close: async () => {},
  };
}

async function finish(settings: OAuth2Settings, context: AdapterContext, back: Return): Promise<Answered> {
  const { code, state, error } = back.parameters;
  if (state !== back.handle) return refused('not-bound');
  if (error !== undefined) return refused(error === 'access_denied' ? 'cancelled' : 'not-allowed');
  if (code === undefined || code.length > 2048) return refused('misshapen');
  const { ca } = settings;
  const ask = (question: Omit<Parameters<typeof askJson>[1], 'signal' | 'ca'>): Promise<unknown> =>
    askJson(context.egress, { ...question, signal: back.signal, ca });

  const exchanged = await ask({ url: settings.tokenUrl, accept: 'refusals', ...exchangeOf(settings, context, back) });
  if (!Value.Check(Token, exchanged)) return refused('replayed');
  const { access_token: token } = exchanged;

  const { url, method = 'POST', tokenParameter = 'token', clientPath } = settings.audience;
  const basic = basicOf(settings, context);
  const about =
    method === 'GET'
      ? await ask({ url: withParameter(url, tokenParameter, token), headers: { authorization: basic } })
      : await ask({ url, form: { [tokenParameter]: token }, headers: { authorization: basic } });
  if (readPath(about, clientPath) !== settings.clientId || readPath(about, 'active') === false)
    return refused('wrong-audience');

  const profile = await ask({ url: settings.profileUrl, headers: { authorization: `Bearer ${token}` } });
  const identifier = [readPath(profile, settings.identifierPath)];
  return identify({ settings, identifier, claims: profile, contexts: [] }, context);
}

function exchangeOf(settings: OAuth2Settings, context: AdapterContext, { callbackUrl, parameters, state }: Return) {
  const { clientId, secretIn = 'body', pkce = true } = settings;
  const form = {
    grant_type: 'authorization_code',
    code: parameters['code'] ?? '',
    redirect_uri: callbackUrl,
    client_id: clientId,
    ...(pkce && { code_verifier: state }),
    ...(secretIn === 'body' && { client_secret: context.secret(settings.secret) }),
  };
  return secretIn === 'body' ? { form } : { form, headers: { authorization: basicOf(settings, context) } };
}

/** @see RFC 6749 §2.3.1: both parts are form-encoded first. */
const basicOf = ({ clientId, secret }: OAuth2Settings, context: AdapterContext): string =>
  `Basic ${Buffer.from([clientId, context.secret(secret)].map(encodeURIComponent).join(':')).toString('base64')}`;

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}
