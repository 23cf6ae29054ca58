import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { SignJWT } from 'jose';
import type { ProtocolApp, TestClient } from './protocol-app.ts';

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Record<string, string> | URLSearchParams;
  /** The node that is asked: an origin. The issuer's own when left out. */
  readonly via?: string | undefined;
}

/** Sends a request to the issuer's address at any node: `fetch` would not let us set Host. Follows nothing. */
export async function send(url: URL, { method, headers = {}, form, via = url.origin }: Sent = {}): Promise<Response> {
  const { hostname, port } = new URL(via);
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      {
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        port,
        path: `${url.pathname}${url.search}`,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          host: url.host,
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const answered = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    answered.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  }
  const text = await readText(incoming);
  const { statusCode: status = 0 } = incoming;
  return new Response(status === 204 || status === 304 ? null : text, { status, headers: answered });
}

/** A browser's cookies, name → value, and the requests that carry them. Follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, { value: string; path: string }>();
  readonly origin: string;
  /** The node that this browser's requests reach. */
  via: string;

  constructor(origin: string, via = origin) {
    this.origin = origin;
    this.via = via;
  }

  async get(pathOrUrl: string, headers: Record<string, string> = {}): Promise<Response> {
    const url = new URL(pathOrUrl, this.origin);
    const response = await send(url, { via: this.via, headers: { cookie: this.header(url.pathname), ...headers } });
    this.keep(response);
    return response;
  }

  async post(pathOrUrl: string, form: Record<string, string>): Promise<Response> {
    const url = new URL(pathOrUrl, this.origin);
    const headers = { cookie: this.header(url.pathname), 'sec-fetch-site': 'same-origin' };
    const response = await send(url, { via: this.via, headers, form });
    this.keep(response);
    return response;
  }

  header(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, cookie]) => `${name}=${cookie.value}`)
      .join('; ');
  }

  private keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const value = pair.slice(at + 1);
      const path =
        attributes
          .map((part) => part.trim())
          .find((part) => /^path=/i.test(part))
          ?.slice(5) ?? '/';
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, { value, path });
    }
  }
}

export interface AuthorizeRequest {
  readonly url: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly state: string;
}

export function authorizeRequest(client: TestClient, extra: Record<string, string> = {}): AuthorizeRequest {
  const verifier = randomBytes(32).toString('base64url');
  const nonce = randomUUID();
  const state = randomUUID();
  const query = new URLSearchParams({
    client_id: client.clientId,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    scope: 'openid',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { url: `/authorize?${query.toString()}`, verifier, nonce, state };
}

/** Sends a browser through /authorize and the pages' stand-in; answers where it ends, at the service. */
export async function authorize(browser: Browser, asked: AuthorizeRequest): Promise<URL> {
  let response = await browser.get(asked.url);
  for (let hop = 0; hop < 6; hop += 1) {
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no redirect: ${response.status} ${(await response.text()).slice(0, 300)}`);
    const target = new URL(location, browser.origin);
    if (target.origin !== browser.origin) return target;
    response = await browser.get(target.href);
  }
  throw new Error('too many redirects');
}

/** What an answer of /authorize comes to, in a word: `sign-in`, `code`, an error's code, or `page 400`. */
export function outcomeOf(answer: Response): string {
  const location = answer.headers.get('location');
  if (location === null) return `page ${answer.status}`;
  const target = new URL(location, 'https://issuer.example');
  if (target.pathname.startsWith('/sign-in/')) return 'sign-in';
  return target.searchParams.has('code') ? 'code' : (target.searchParams.get('error') ?? `to ${target.href}`);
}

export async function clientAssertion(
  client: TestClient,
  issuer: string,
  claims: Record<string, unknown> = {},
): Promise<string> {
  if (!client.privateKey) throw new Error('client has no key');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: client.clientId,
    sub: client.clientId,
    aud: issuer,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'rp-key' })
    .sign(client.privateKey);
}

/** The parameters by which the client proves itself. */
export async function authenticate(client: TestClient, issuer: string): Promise<Record<string, string>> {
  if (client.secret !== undefined) return { client_id: client.clientId, client_secret: client.secret };
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await clientAssertion(client, issuer),
  };
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, string>;
}

export async function post(
  issuer: string,
  path: string,
  form: Record<string, string> | URLSearchParams,
  via: string | undefined = issuer,
): Promise<TokenAnswer> {
  const response = await send(new URL(path, issuer), { form, via });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}

export async function redeem(
  { issuer }: Pick<ProtocolApp, 'issuer'>,
  client: TestClient,
  { code, verifier, via }: { code: string; verifier: string; via?: string },
): Promise<TokenAnswer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
    ...(await authenticate(client, issuer)),
  };
  return post(issuer, '/token', form, via);
}

export async function refresh(
  { issuer }: Pick<ProtocolApp, 'issuer'>,
  client: TestClient,
  { token, via }: { token: string; via?: string },
): Promise<TokenAnswer> {
  const form = { grant_type: 'refresh_token', refresh_token: token, ...(await authenticate(client, issuer)) };
  return post(issuer, '/token', form, via);
}

export async function userinfo(
  { issuer }: Pick<ProtocolApp, 'issuer'>,
  token: string,
  via?: string,
): Promise<Response> {
  return send(new URL('/userinfo', issuer), { headers: { authorization: `Bearer ${token}` }, via });
}

export async function introspect(
  { issuer }: Pick<ProtocolApp, 'issuer'>,
  client: TestClient,
  token: string,
): Promise<TokenAnswer> {
  return post(issuer, '/introspect', { token, ...(await authenticate(client, issuer)) });
}

/** One whole sign-in: authorize and token. */
export async function signIn(
  app: ProtocolApp,
  browser: Browser,
  client: TestClient,
  extra: Record<string, string> = {},
): Promise<TokenAnswer & { request: AuthorizeRequest; callback: URL }> {
  const { request: asked, callback, code } = await obtainCode(browser, client, extra);
  const answer = await redeem(app, client, { code, verifier: asked.verifier });
  return { ...answer, request: asked, callback };
}

export async function obtainCode(
  browser: Browser,
  client: TestClient,
  extra: Record<string, string> = {},
): Promise<{ request: AuthorizeRequest; callback: URL; code: string }> {
  const asked = authorizeRequest(client, extra);
  const callback = await authorize(browser, asked);
  const code = callback.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${callback.href}`);
  return { request: asked, callback, code };
}
