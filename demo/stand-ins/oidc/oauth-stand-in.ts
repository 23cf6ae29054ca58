import { randomBytes } from 'node:crypto';
import { isAnna, isOnThisMachine, type Asked, type Reply, signInPage, startSmallServer } from '../small-server.ts';

export interface OAuthStandIn {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Makes an access token as another client would have got it. */
  tokenOfAnother(): string;
  stop: () => Promise<void>;
}

const CLIENT = { clientId: 'latchkey', clientSecret: 'a secret that the demonstration may know' };
const json = (value: unknown, status = 200): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const formBody = (values: Readonly<Record<string, string>>): Reply => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(values).toString(),
});
const random = (): string => randomBytes(16).toString('hex');
const header = ({ authorization }: Asked, name: string): string =>
  decodeURIComponent(new RegExp(`${name}="([^"]*)"`).exec(authorization)?.[1] ?? '');

/** A social sign-in of before OpenID Connect: OAuth 2 with a profile call, and OAuth 1.0a, with one person, Anna. */
export async function startOAuthStandIn(options: { readonly port?: number } = {}): Promise<OAuthStandIn> {
  const codes = new Map<string, string>();
  /** Access tokens and the client that each was made for. */
  const tokens = new Map<string, string>();
  /** Request tokens of OAuth 1.0a: where to send the browser, and the verifier once somebody has signed in. */
  const requests = new Map<string, { callback: string; verifier?: string }>();

  const oauth1Verifier = (token: string): Reply => {
    const asked = requests.get(token);
    if (!asked) return { status: 400 };
    asked.verifier = random();
    return go(asked.callback, { oauth_token: token, oauth_verifier: asked.verifier });
  };
  const signedIn = ({ form }: Asked): Reply => {
    const [redirectUri, state, token] = ['redirect_uri', 'state', 'oauth_token'].map((name) => form.get(name) ?? '');
    if (!isAnna(form)) return signInPage('Social sign-in', hidden(form), true);
    if (token) return oauth1Verifier(token);
    return redirectUri && isOnThisMachine(redirectUri) ? codeFor(codes, redirectUri, state ?? '') : { status: 400 };
  };
  const exchange = ({ form }: Asked): Reply => {
    const code = form.get('code') ?? '';
    const isRight = codes.get(code) === form.get('redirect_uri') && form.get('client_secret') === CLIENT.clientSecret;
    codes.delete(code);
    return isRight
      ? json({ access_token: issue(tokens, CLIENT.clientId), token_type: 'Bearer' })
      : json({ error: 'invalid_grant' }, 400);
  };
  const requestToken = (asked: Asked): Reply => {
    const callback = header(asked, 'oauth_callback');
    if (!isOnThisMachine(callback)) return { status: 401 };
    const oauth_token = random();
    requests.set(oauth_token, { callback });
    return formBody({ oauth_token, oauth_token_secret: random(), oauth_callback_confirmed: 'true' });
  };
  const accessToken = (asked: Asked): Reply => {
    const [token, verifier] = [header(asked, 'oauth_token'), header(asked, 'oauth_verifier')];
    const isRight = verifier !== '' && requests.get(token)?.verifier === verifier;
    requests.delete(token);
    return isRight
      ? formBody({ oauth_token: issue(tokens, CLIENT.clientId), oauth_token_secret: random() })
      : { status: 401 };
  };
  const pages: Readonly<Record<string, (asked: Asked) => Reply>> = {
    '/authorize': ({ query }) => signInPage('Social sign-in', hidden(query)),
    '/sign-in': signedIn,
    '/token': exchange,
    '/introspect': ({ form }) => introspect(tokens, form.get('token') ?? ''),
    '/profile': (asked) => profileOf(tokens, asked),
    '/oauth1/request-token': requestToken,
    '/oauth1/access-token': accessToken,
  };
  const server = await startSmallServer(options.port ?? 0, (asked) => pages[asked.path]?.(asked) ?? { status: 404 });
  return {
    baseUrl: server.baseUrl,
    ...CLIENT,
    tokenOfAnother: () => issue(tokens, 'another-service'),
    stop: () => server.stop(),
  };
}

const introspect = (tokens: ReadonlyMap<string, string>, token: string): Reply =>
  json({ active: tokens.has(token), client_id: tokens.get(token) });

function profileOf(tokens: ReadonlyMap<string, string>, asked: Asked): Reply {
  const token = header(asked, 'oauth_token') || asked.authorization.replace(/^Bearer /, '');
  return tokens.has(token) ? json({ id: 4711, name: 'Anna Example', email: 'anna@example.org' }) : { status: 401 };
}

function codeFor(codes: Map<string, string>, redirectUri: string, state: string): Reply {
  const code = random();
  codes.set(code, redirectUri);
  return go(redirectUri, { code, state });
}

function issue(tokens: Map<string, string>, clientId: string): string {
  const token = random();
  tokens.set(token, clientId);
  return token;
}

function go(to: string, parameters: Readonly<Record<string, string>>): Reply {
  const location = new URL(to);
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return { location: location.href };
}

const KEPT = ['redirect_uri', 'state', 'oauth_token'];
const hidden = (from: URLSearchParams): Record<string, string> =>
  Object.fromEntries(KEPT.flatMap((name) => (from.get(name) === null ? [] : [[name, from.get(name) ?? '']])));
