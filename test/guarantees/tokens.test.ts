import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import {
  authenticate,
  authorizeRequest,
  Browser,
  introspect,
  outcomeOf,
  post,
  refresh,
  signIn,
  userinfo,
} from '../support/raw-client.ts';

let app: ProtocolApp;
let service: LogoutReceiver;
let listener: TestClient;

beforeAll(async () => {
  app = await protocolApp();
  service = await logoutReceiver();
  listener = await app.register('rp-listener', { backchannelLogoutUri: service.url, sector: 'listener.example' });
});
afterEach(() => {
  service.status = 200;
});
afterAll(async () => {
  await app.close();
  service.server.close();
});

const verify = async (token: string, audience: string): Promise<JWTPayload> => {
  const jwks = createLocalJWKSet(
    JSON.parse(await (await new Browser(app.issuer).get('/.well-known/jwks.json')).text()),
  );
  return (await jwtVerify(token, jwks, { issuer: app.issuer, audience })).payload;
};

describe('what an ID token says', () => {
  it('D13: whose, when, how, for this access token, and no word about the person', async () => {
    const { body, request } = await signIn(app, new Browser(app.issuer), app.clients.jwt, { scope: 'openid email' });
    const payload = await verify(body['id_token'] ?? '', 'rp-jwt');
    const half = createHash('sha256')
      .update(body['access_token'] ?? '')
      .digest()
      .subarray(0, 16);
    expect(payload).toEqual({
      iss: app.issuer,
      aud: 'rp-jwt',
      sub: expect.stringMatching(/^urn:fdc:latchkey:2026:[\w-]{43}$/),
      sid: expect.stringMatching(/^[\w-]{20,}$/),
      nonce: request.nonce,
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 120,
      auth_time: expect.any(Number),
      acr: 'Cl',
      amr: ['pwd'],
      vot: 'Cl',
      vtm: `${app.issuer}/trustmark`,
      at_hash: half.toString('base64url'),
    });
    expect(decodeProtectedHeader(body['id_token'] ?? '')).toEqual({ alg: 'ES256', kid: expect.any(String) });
  });

  it('D12: the same after a refresh, signed anew', async () => {
    const { body } = await signIn(app, new Browser(app.issuer), app.clients.secret, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const refreshed = await refresh(app, app.clients.secret, { token: body['refresh_token'] ?? '' });
    const [before, after] = [body, refreshed.body].map((answer) => decodeJwt(answer['id_token'] ?? ''));
    const { sub, sid, auth_time, vot } = before ?? {};
    expect(after).toMatchObject({ sub, sid, auth_time, vot, acr: 'Cl', amr: ['pwd'] });
  });

  it('D5: no refresh token unless it was asked for and is allowed', async () => {
    const { body } = await signIn(app, new Browser(app.issuer), app.clients.jwt);
    expect(body['refresh_token']).toBeUndefined();
    const none = await app.register('rp-online', {
      refreshTokens: false,
      scopes: ['openid'],
      claims: [],
      sector: 'on.example',
    });
    const asked = authorizeRequest(none, { scope: 'openid offline_access', prompt: 'consent' });
    expect(outcomeOf(await new Browser(app.issuer).get(asked.url))).toMatch(/invalid_scope|sign-in/);
  });

  it('D5: a refresh token cannot ask for more, nor be used by another service', async () => {
    const { jwt, secret } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), jwt, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const token = body['refresh_token'] ?? '';
    expect(await refresh(app, secret, { token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const more = { grant_type: 'refresh_token', refresh_token: token, scope: 'openid email' };
    expect(await post(app.issuer, '/token', { ...more, ...(await authenticate(jwt, app.issuer)) })).toMatchObject({
      body: { error: 'invalid_scope' },
    });
  });
});

describe('what is presented where it does not belong', () => {
  it('D13: no kind of token passes for another', async () => {
    const { jwt } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), jwt, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const [access, id, rotating] = [body['access_token'], body['id_token'], body['refresh_token']].map(
      (one) => one ?? '',
    );
    for (const token of [id, rotating, `${access}x`, access?.slice(0, -1), '']) {
      expect((await userinfo(app, token ?? '')).status).toBeGreaterThanOrEqual(400);
    }
    for (const token of [access, id]) {
      expect(await refresh(app, jwt, { token: token ?? '' })).toMatchObject({ status: 400 });
    }
    for (const token of [id, `${access}x`]) {
      expect((await introspect(app, jwt, token ?? '')).body).not.toMatchObject({ active: true });
    }
    expect((await userinfo(app, access ?? '')).status).toBe(200);
  });

  it('R6 R11 D11: a token of one service is nothing to another', async () => {
    const { jwt, secret } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), jwt);
    const token = body['access_token'] ?? '';
    expect((await introspect(app, secret, token)).body).toEqual({ active: false });
    const revoked = await post(app.issuer, '/revoke', { token, ...(await authenticate(secret, app.issuer)) });
    expect(revoked.status).toBeGreaterThanOrEqual(200);
    expect((await userinfo(app, token)).status).toBe(200);
    const query = await new Browser(app.issuer).get(`/userinfo?access_token=${token}`);
    expect(query.status).toBe(400);
    const elsewhere = authorizeRequest(jwt, { resource: 'https://another.example/api' });
    expect(outcomeOf(await new Browser(app.issuer).get(elsewhere.url))).toMatch(/invalid_target|sign-in/);
  });

  it('every cut of a token is nothing', async () => {
    const { body } = await signIn(app, new Browser(app.issuer), app.clients.jwt);
    const token = body['access_token'] ?? '';
    for (let length = 1; length < token.length; length += 5) {
      expect((await userinfo(app, token.slice(0, length))).status).toBe(401);
    }
  });

  it.each(['access_token', 'refresh_token'])(
    'I4: revoking an %s ends all that was given with it, at once; the citizen stays signed in',
    async (kind) => {
      const { secret } = app.clients;
      const browser = new Browser(app.issuer);
      const { body } = await signIn(app, browser, secret, { scope: 'openid offline_access', prompt: 'consent' });
      const young = await refresh(app, secret, { token: body['refresh_token'] ?? '' });
      const token = young.body[kind] ?? '';
      const proof = await authenticate(secret, app.issuer);
      expect((await userinfo(app, young.body['access_token'] ?? '')).status).toBe(200);
      expect((await post(app.issuer, '/revoke', { token, ...proof })).status).toBe(200);
      expect((await userinfo(app, young.body['access_token'] ?? '')).status).toBe(401);
      expect((await userinfo(app, body['access_token'] ?? '')).status).toBe(401);
      expect(await refresh(app, secret, { token: young.body['refresh_token'] ?? '' })).toMatchObject({ status: 400 });
      const next = await signIn(app, browser, secret, { prompt: 'none' });
      expect((await userinfo(app, next.body['access_token'] ?? '')).status).toBe(200);
    },
  );
});

describe('D16: telling services that somebody signed out', () => {
  const signOut = async (browser: Browser): Promise<number> => {
    const page = await (await browser.get('/logout')).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const begun = performance.now();
    expect((await browser.post('/logout/confirm', { xsrf, logout: 'yes' })).status).toBe(303);
    return performance.now() - begun;
  };
  /** Back-off is the outbox's own matter; here its clock is moved. */
  const retryNow = async (): Promise<number> => {
    const { db } = app.app.house;
    await db.query({
      text: `UPDATE outbox SET next_attempt_at = now() - interval '1 second' WHERE sent_at IS NULL`,
    });
    return app.app.outbox.drainOnce();
  };

  it('the token is typed, short, and names the session the service knows', async () => {
    const browser = new Browser(app.issuer);
    const { body } = await signIn(app, browser, listener);
    const { sub, sid } = decodeJwt(body['id_token'] ?? '');
    await signOut(browser);
    await expect.poll(retryNow).toBe(1);
    const token = service.tokens.at(-1) ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'logout+jwt', alg: 'ES256' });
    const payload = await verify(token, listener.clientId);
    expect(payload).toMatchObject({
      sub,
      sid,
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(120);
  });

  it('D13: a logout token is no proof of a session, and no ID token', async () => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, listener);
    const again = new Browser(app.issuer);
    for (const [name, cookie] of browser.cookies) again.cookies.set(name, cookie);
    await app.app.oidc.sendLogout({ clientId: listener.clientId, accountId: app.accountId, sid: await sidOf(browser) });
    const token = service.tokens.at(-1) ?? '';
    const page = await (await browser.get(`/logout?id_token_hint=${token}`, { accept: 'text/html' })).text();
    expect(page).toContain('name="logout"');
    expect((await userinfo(app, token)).status).toBe(401);
  });

  it('F26: a service that is down is told when it is back; the sign-out itself waits for nobody', async () => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, listener);
    await signIn(app, browser, app.clients.jwt);
    const told = service.tokens.length;
    service.status = 500;
    expect(await signOut(browser)).toBeLessThan(1000);
    expect(await retryNow()).toBe(0);
    expect(await retryNow()).toBe(0);
    service.status = 200;
    await expect.poll(retryNow).toBe(1);
    expect(service.tokens.length).toBeGreaterThan(told);
    expect(await retryNow()).toBe(0);
  });

  it('C4: ending sessions from inside tells services, too', async () => {
    await signIn(app, new Browser(app.issuer), listener);
    const told = service.tokens.length;
    await app.app.oidc.port.revokeSessions(app.accountId, 'suspended');
    await expect.poll(retryNow).toBeGreaterThan(0);
    expect(service.tokens.length).toBeGreaterThan(told);
  });

  const sidOf = async (browser: Browser): Promise<string> =>
    String(decodeJwt((await signIn(app, browser, listener)).body['id_token'] ?? '')['sid']);
});

interface LogoutReceiver {
  readonly server: Server;
  readonly url: string;
  readonly tokens: string[];
  status: number;
}

/** A service's own logout endpoint. */
async function logoutReceiver(): Promise<LogoutReceiver> {
  const tokens: string[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = new URLSearchParams(await text(request));
    if (receiver.status === 200) tokens.push(body.get('logout_token') ?? '');
    response.writeHead(receiver.status).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  const receiver: LogoutReceiver = { server, url: `http://localhost:${port}/logout`, tokens, status: 200 };
  return receiver;
}
