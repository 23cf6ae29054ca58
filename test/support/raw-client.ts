import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ProtocolApp, TestClient } from './protocol-app.ts';

/** A browser's cookies, name → value, and the requests that carry them. Follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, { value: string; path: string }>();
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async get(pathOrUrl: string): Promise<Response> {
    const url = new URL(pathOrUrl, this.origin);
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.header(url.pathname) } });
    this.keep(response);
    return response;
  }

  async post(pathOrUrl: string, form: Record<string, string>): Promise<Response> {
    const url = new URL(pathOrUrl, this.origin);
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: this.header(url.pathname), 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(form),
    });
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
export async function authorize(browser: Browser, request: AuthorizeRequest): Promise<URL> {
  let response = await browser.get(request.url);
  for (let hop = 0; hop < 6; hop += 1) {
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no redirect: ${response.status} ${(await response.text()).slice(0, 300)}`);
    const target = new URL(location, browser.origin);
    if (target.origin !== browser.origin) return target;
    response = await browser.get(target.href);
  }
  throw new Error('too many redirects');
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

export async function post(origin: string, path: string, form: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(new URL(path, origin), { method: 'POST', body: new URLSearchParams(form) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}

export async function redeem(
  { issuer }: Pick<ProtocolApp, 'issuer'>,
  client: TestClient,
  { code, verifier, origin = issuer }: { code: string; verifier: string; origin?: string },
): Promise<TokenAnswer> {
  return post(origin, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
    ...(await authenticate(client, issuer)),
  });
}

/** One whole sign-in: authorize and token. */
export async function signIn(
  app: ProtocolApp,
  browser: Browser,
  client: TestClient,
  extra: Record<string, string> = {},
): Promise<TokenAnswer & { request: AuthorizeRequest; callback: URL }> {
  const request = authorizeRequest(client, extra);
  const callback = await authorize(browser, request);
  const code = callback.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${callback.href}`);
  const answer = await redeem(app, client, { code, verifier: request.verifier });
  return { ...answer, request, callback };
}
