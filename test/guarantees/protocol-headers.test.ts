import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, REDIRECT } from '../support/protocol-app.ts';
import {
  authenticate,
  authorize,
  authorizeRequest,
  Browser,
  outcomeOf,
  post,
  send,
  signIn,
} from '../support/raw-client.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)> ' \u0000 </form>`;

let plain: ProtocolApp;
/** As behind a TLS proxy: the issuer is https, and nobody told us by a header. */
let secure: ProtocolApp;
let via = '';

beforeAll(async () => {
  plain = await protocolApp();
  secure = await protocolApp({ issuer: 'https://id.example' });
  via = `http://127.0.0.1:${secure.app.house.config.http.port}`;
});
afterAll(() => Promise.all([plain.close(), secure.close()]));

const secureBrowser = (): Browser => new Browser('https://id.example', via);

/** One of every kind of answer that the services' door gives. */
async function everyAnswer(app: ProtocolApp, browser: Browser): Promise<Map<string, Response>> {
  const { jwt, secret } = app.clients;
  const answers = new Map<string, Response>();
  const keep = async (name: string, answer: Promise<Response>): Promise<Response> => {
    const got = await answer;
    answers.set(name, got);
    return got;
  };
  const page = { accept: 'text/html' };
  const asked = await keep('to the pages', browser.get(authorizeRequest(jwt).url));
  const signedIn = await keep('signed in', browser.get(asked.headers.get('location') ?? ''));
  await keep('resumed', browser.get(signedIn.headers.get('location') ?? ''));
  await keep('silent', browser.get(authorizeRequest(jwt).url));
  await keep('form_post', browser.get(authorizeRequest(jwt, { response_mode: 'form_post' }).url));
  await keep('error redirect', browser.get(authorizeRequest(jwt, { max_age: 'x' }).url));
  await keep('error page', browser.get(authorizeRequest(jwt, { redirect_uri: 'https://x.example' }).url, page));
  await keep('expired', browser.get('/authorize/nobody', page));
  await keep('discovery', browser.get('/.well-known/openid-configuration'));
  await keep('keys', browser.get('/.well-known/jwks.json'));
  await keep('userinfo', browser.get('/userinfo'));
  const form = { grant_type: 'authorization_code', code: 'x', ...(await authenticate(secret, app.issuer)) };
  await keep('token', browser.post('/token', form));
  await keep('logout', browser.get('/logout', page));
  await keep('not found', browser.get('/nothing', page));
  return answers;
}

describe('every answer of the services’ door', () => {
  it('C8 C9 R17: carries the headers that keep browsers from harm', async () => {
    for (const [name, { headers }] of await everyAnswer(secure, secureBrowser())) {
      const told = Object.fromEntries(headers);
      expect({ name, ...told }).toMatchObject({
        name,
        'strict-transport-security': expect.stringMatching(/max-age=(?:3153|6307)\d+; includeSubDomains/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("object-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(['server', 'x-powered-by', 'via'].filter((header) => headers.has(header))).toEqual([]);
    }
  });

  it('C12 X13: nothing but what is public may be kept', async () => {
    for (const [name, { headers }] of await everyAnswer(plain, new Browser(plain.issuer))) {
      const isPublic = name === 'discovery' || name === 'keys';
      expect(`${name}: ${headers.get('cache-control')}`).toMatch(isPublic ? /public, max-age=\d+/ : /no-store/);
    }
  });

  it('D20: redirects are 303, so a form with a password in it is never sent on', async () => {
    for (const [name, answer] of await everyAnswer(plain, new Browser(plain.issuer))) {
      const isRedirect = answer.headers.has('location');
      expect(`${name}: ${answer.status >= 300 && answer.status < 400 ? answer.status : 303}`).toBe(`${name}: 303`);
      expect(isRedirect).toBe(answer.status === 303);
    }
  });

  it('C7: cookies are __Host- or bound to one path, Secure, HttpOnly, SameSite, and small', async () => {
    const answers = await everyAnswer(secure, secureBrowser());
    const cookies = [...answers.values()].flatMap(({ headers }) => headers.getSetCookie());
    expect(cookies.filter((cookie) => cookie.startsWith('__Host-session='))).not.toEqual([]);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__(?:Host|Secure)-[\w.-]+=/);
      expect(cookie).toMatch(/; secure/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=(?:lax|strict)/i);
      expect(cookie).not.toMatch(/; domain=/i);
      expect(cookie.startsWith('__Host-') ? /; path=\/(?:;|$)/i.test(cookie) : /; path=\/[\w-]+\//i.test(cookie)).toBe(
        true,
      );
      expect((cookie.split(';')[0] ?? '').length).toBeLessThan(512);
    }
  });
});

describe('X13: which host we are', () => {
  it('D25: addresses are the issuer’s, https, whatever a request says', async () => {
    const answer = await send(new URL('https://id.example/.well-known/openid-configuration'), {
      via,
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example' },
    });
    const told: Record<string, unknown> = JSON.parse(await answer.text());
    const addresses = Object.entries(told).filter(([name]) => /_endpoint$|_uri$|^issuer$/.test(name));
    expect(addresses.length).toBeGreaterThan(7);
    for (const [, address] of addresses) expect(address).toMatch(/^https:\/\/id\.example(\/|$)/);
    expect(JSON.stringify(told)).not.toContain('evil');
  });

  it('another host is not served', async () => {
    const answer = await send(new URL('https://evil.example/.well-known/openid-configuration'), { via });
    expect(answer.status).toBe(421);
    const token = await send(new URL('https://evil.example/token'), { via, form: { grant_type: 'x' } });
    expect(token.status).toBe(421);
  });
});

describe('D24: who may read answers from another origin', () => {
  const ask = (path: string, origin: string, method = 'GET'): Promise<Response> =>
    send(new URL(path, plain.issuer), {
      method,
      headers: { origin, 'access-control-request-method': 'POST' },
      ...(method === 'POST' ? { form: {} } : {}),
    });

  it('what is public, anybody, and without credentials', async () => {
    for (const origin of ['https://rp.example', 'null']) {
      for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json']) {
        const { headers } = await ask(path, origin);
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-credentials')).toBeNull();
      }
    }
  });

  it('what is not, nobody', async () => {
    const { secret } = plain.clients;
    const form = { grant_type: 'authorization_code', ...(await authenticate(secret, plain.issuer)) };
    for (const origin of ['https://rp.example', 'https://evil.example', 'null']) {
      const token = await send(new URL('/token', plain.issuer), { form, headers: { origin } });
      expect(token.status).toBe(400);
      expect(token.headers.get('access-control-allow-origin')).toBeNull();
      const page = await send(new URL(authorizeRequest(secret).url, plain.issuer), { headers: { origin } });
      expect(page.headers.get('access-control-allow-origin')).toBeNull();
      for (const answer of [token, page]) expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('X3 C10: the page that posts itself', () => {
  const formPost = async (extra: Readonly<Record<string, string>>): Promise<{ html: string; policy: string }> => {
    const browser = new Browser(plain.issuer);
    await signIn(plain, browser, plain.clients.jwt);
    const answer = await browser.get(authorizeRequest(plain.clients.jwt, { response_mode: 'form_post', ...extra }).url);
    return { html: await answer.text(), policy: answer.headers.get('content-security-policy') ?? '' };
  };

  it.each<[string, Record<string, string>]>([
    ['an answer', {}],
    ['an error', { max_age: 'x' }],
  ])('with %s, hostile values stay values, and only this service can be posted to', async (_what, extra) => {
    const { html, policy } = await formPost({ state: HOSTILE, ...extra });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<form/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
    expect(html).toContain(`action="${REDIRECT}"`);
    expect(html).toContain('name="iss"');
    const directives = new Map(policy.split(';').map((part) => [part.trim().split(' ')[0], part.trim()]));
    expect(directives.get('form-action')).toBe('form-action https://rp.example');
    expect(directives.get('script-src')).toMatch(/^script-src 'sha256-[\w+/]+=*'$/);
    expect(directives.get('default-src')).toBe("default-src 'none'");
  });

  it('X3: markup in any parameter is inert on our own error page', async () => {
    const browser = new Browser(plain.issuer);
    for (const name of [
      'state',
      'login_hint',
      'ui_locales',
      'claims',
      'client_id',
      'redirect_uri',
      'vtr',
      'nonce',
      'lng',
    ]) {
      const { url } = authorizeRequest(plain.clients.jwt, { redirect_uri: 'https://x.example', [name]: HOSTILE });
      const html = await (await browser.get(url, { accept: 'text/html' })).text();
      expect(html).not.toMatch(/<script>|<img|onerror=alert\(1\)>/);
    }
    const logout = await browser.get(`/logout?state=${encodeURIComponent(HOSTILE)}`, { accept: 'text/html' });
    expect(await logout.text()).not.toMatch(/<img/);
  });

  it('X3: a message of ours in an error redirect holds no markup of theirs', async () => {
    const browser = new Browser(plain.issuer);
    const callback = await authorize(browser, authorizeRequest(plain.clients.jwt, { vtr: '["<script>"]' }));
    expect(callback.searchParams.get('error_description')).not.toContain('<');
  });
});

describe('C6 C11: what a GET or a stranger’s POST does', () => {
  it('there is no signing in by POST to /authorize, and no token by GET', async () => {
    const { url } = authorizeRequest(plain.clients.jwt);
    const asked = await post(plain.issuer, '/authorize', new URL(url, plain.issuer).searchParams);
    expect(asked.status).toBeGreaterThanOrEqual(400);
    const got = await new Browser(plain.issuer).get('/token?grant_type=authorization_code&code=x');
    expect(outcomeOf(got)).toMatch(/page 4\d\d/);
  });
});
