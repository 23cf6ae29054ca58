import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, REDIRECT } from '../support/protocol-app.ts';
import {
  authenticate,
  authorize,
  authorizeRequest,
  Browser,
  obtainCode,
  outcomeOf,
  post,
  redeem,
} from '../support/raw-client.ts';

let app: ProtocolApp;
beforeAll(async () => {
  app = await protocolApp();
});
afterAll(() => app.close());

/** Every way we know in which an address was made to look registered. */
const NEARLY: readonly string[] = [
  `${REDIRECT}/`,
  `${REDIRECT}/more`,
  `${REDIRECT}/..`,
  `${REDIRECT}/../callback`,
  `${REDIRECT}/%2e%2e/other`,
  'https://rp.example/./callback',
  'https://rp.example//callback',
  'https://rp.example/%63allback',
  'https://rp.example/Callback',
  'https://RP.example/callback',
  'HTTPS://rp.example/callback',
  'https://rp.example./callback',
  'https://rp.example:443/callback',
  'https://rp.example:8443/callback',
  'http://rp.example/callback',
  'https://rp.example/callback?',
  'https://rp.example/callback?a=b',
  'https://rp.example/callback#',
  'https://rp.example/callback#fragment',
  'https://rp.example/callback;a=b',
  'https://rp.example/callback%00',
  'https://rp.example/callback\u0000',
  'https://rp.example/callback\r\nLocation: https://evil.example',
  'https://rp.example/callback%0d%0aSet-Cookie:a=b',
  'https://rp.example/callback ',
  ' https://rp.example/callback',
  'https://rp.example\\@evil.example/callback',
  'https://rp.example@evil.example/callback',
  'https://user:password@rp.example/callback',
  'https://rp.example.evil.example/callback',
  'https://evil.example/callback',
  'https://evil.example/?https://rp.example/callback',
  'https://evil.example#https://rp.example/callback',
  '//rp.example/callback',
  '//evil.example',
  '\\\\evil.example',
  '/callback',
  'https:rp.example/callback',
  'https://rр.example/callback',
  'https://xn--r-xtb.example/callback',
  'https://[::ffff:127.0.0.1]/callback',
  'http://localhost/callback',
  'http://127.0.0.1/callback',
  'javascript:alert(1)//https://rp.example/callback',
  'data:text/html,<script>alert(1)</script>',
  'https://*.example/callback',
  `https://rp.example/callback${'a'.repeat(5000)}`,
  '"><script>alert(1)</script>',
  '',
];

describe('where a browser may be sent', () => {
  it(`R1 D1 D21: ${NEARLY.length} addresses that are nearly the registered one get our own page and no redirect`, async () => {
    const browser = new Browser(app.issuer);
    for (const address of NEARLY) {
      const { url } = authorizeRequest(app.clients.jwt, { redirect_uri: address });
      const answer = await browser.get(url, { accept: 'text/html' });
      expect({ address, outcome: outcomeOf(answer) }).toEqual({ address, outcome: 'page 400' });
      const html = await answer.text();
      expect(html).toContain('<h1');
      expect(html).not.toMatch(/<script>alert|(?:href|action|src)="(?:https:)?..evil/);
    }
  });

  it('R1: an unknown service, and an address given twice, get our own page, too', async () => {
    const browser = new Browser(app.issuer);
    const unknown = await browser.get(authorizeRequest({ clientId: 'nobody', redirectUri: REDIRECT }).url);
    const twice = await browser.get(
      `${authorizeRequest(app.clients.jwt).url}&redirect_uri=${encodeURIComponent('https://evil.example')}`,
    );
    expect([unknown, twice].map(outcomeOf)).toEqual(['page 400', 'page 400']);
  });

  it('D23: the error page names a code and a reference, and nothing from inside', async () => {
    const browser = new Browser(app.issuer);
    const answer = await browser.get(authorizeRequest(app.clients.jwt, { redirect_uri: 'https://evil.example' }).url, {
      accept: 'text/html',
    });
    const html = await answer.text();
    expect(html).toContain('invalid_redirect_uri');
    expect(html).toContain(answer.headers.get('x-request-id') ?? 'no reference');
    expect(html).not.toMatch(/oidc-provider|node_modules|postgres|at .*\.ts|Error:/);
  });
});

describe('what may be asked for', () => {
  const refusal = async (extra: Record<string, string>): Promise<string> => {
    const callback = await authorize(new Browser(app.issuer), authorizeRequest(app.clients.jwt, extra));
    expect(callback.searchParams.get('iss') ?? new URLSearchParams(callback.hash.slice(1)).get('iss')).toBe(app.issuer);
    return callback.searchParams.get('error') ?? new URLSearchParams(callback.hash.slice(1)).get('error') ?? 'none';
  };

  it.each(['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'none', 'CODE'])(
    'D3: response_type %s is refused',
    async (responseType) => {
      expect(await refusal({ response_type: responseType })).toMatch(/unsupported_response_type|invalid_request/);
    },
  );

  it.each(['password', 'client_credentials', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'device_code'])(
    'D3 R16: grant type %s is refused, so no token is ever a service itself',
    async (grantType) => {
      const proof = await authenticate(app.clients.secret, app.issuer);
      const form = { grant_type: grantType, username: 'citizen@example.org', password: 'p', ...proof };
      expect(await post(app.issuer, '/token', form)).toMatchObject({
        status: 400,
        body: { error: 'unsupported_grant_type' },
      });
    },
  );

  it.each([
    ['no challenge', { code_challenge: '', code_challenge_method: '' }],
    ['plain', { code_challenge_method: 'plain' }],
    ['a challenge without a method', { code_challenge_method: '' }],
    ['a challenge that is too short', { code_challenge: 'abc' }],
    ['a challenge of other characters', { code_challenge: '!'.repeat(43) }],
  ])('D4 R8: PKCE with %s is refused', async (_name, extra) => {
    expect(await refusal(extra)).toBe('invalid_request');
  });

  it.each(['web_message', 'jwt', 'form_post.jwt', 'pushed'])('R18: response_mode %s is off', async (mode) => {
    expect(await refusal({ response_mode: mode })).toMatch(/invalid_request|unsupported_response_mode/);
  });

  it('D8: a high-security service pushes its requests; one that a browser carries is refused', async () => {
    const pushing = await app.register('rp-pushing', { highSecurity: true, sector: 'pushing.example' });
    const browser = new Browser(app.issuer);
    expect(outcomeOf(await browser.get(authorizeRequest(pushing).url))).toBe('invalid_request');
    const { url, ...asked } = authorizeRequest(pushing);
    const form = {
      ...Object.fromEntries(new URL(url, app.issuer).searchParams),
      ...(await authenticate(pushing, app.issuer)),
    };
    const { body } = await post(app.issuer, '/par', form);
    const query = new URLSearchParams({ client_id: pushing.clientId, request_uri: body['request_uri'] ?? '' });
    const callback = await authorize(browser, { ...asked, url: `/authorize?${query.toString()}` });
    expect(callback.searchParams.has('code')).toBe(true);
  });

  it.each(['-1', 'NaN', '1e400', '0x10z', '9007199254740993', '1.5', 'Infinity'])(
    'X11: max_age %s is an error, never a session that is too old',
    async (maxAge) => {
      expect(await refusal({ max_age: maxAge })).toBe('invalid_request');
    },
  );

  it('D11: a scope that the service is not registered for is refused', async () => {
    await app.register('rp-small', { scopes: ['openid'], claims: [], refreshTokens: false, sector: 'small.example' });
    const small = { clientId: 'rp-small', redirectUri: REDIRECT };
    const callback = await authorize(new Browser(app.issuer), authorizeRequest(small, { scope: 'openid email' }));
    expect(callback.searchParams.get('error')).toBe('invalid_scope');
  });

  it('D6 R4: every answer says who gives it, right or wrong', async () => {
    const { callback } = await obtainCode(new Browser(app.issuer), app.clients.jwt);
    expect(callback.searchParams.get('iss')).toBe(app.issuer);
    expect(await refusal({ prompt: 'none' })).toBe('login_required');
    app.standIn.answer = 'abandon';
    expect(await refusal({})).toBe('access_denied');
    app.standIn.answer = 'sign-in';
    const discovery = await new Browser(app.issuer).get('/.well-known/openid-configuration');
    expect(await discovery.json()).toMatchObject({ authorization_response_iss_parameter_supported: true });
  });
});

describe('X5 D22: parameters that come twice are refused', () => {
  it('at /authorize, each of them', async () => {
    const browser = new Browser(app.issuer);
    const { url } = authorizeRequest(app.clients.jwt, {
      max_age: '100',
      login_hint: 'a',
      ui_locales: 'cy',
      vtr: '["Cl"]',
    });
    for (const [name, value] of new URL(url, app.issuer).searchParams) {
      const answer = await browser.get(`${url}&${name}=${encodeURIComponent(value)}`);
      expect(`${name}: ${outcomeOf(answer)}`).toMatch(/: (page 400|invalid_request)$/);
    }
  });

  it('as arrays or objects they are not the parameter at all', async () => {
    const { url } = authorizeRequest(app.clients.jwt);
    const browser = new Browser(app.issuer);
    for (const name of ['client_id', 'redirect_uri', 'response_type', 'code_challenge']) {
      for (const shape of [`${name}[]=`, `${name}[x]=`, `${name.toUpperCase()}=`]) {
        const answer = await browser.get(url.replace(`${name}=`, shape));
        expect(`${shape} ${outcomeOf(answer)}`).not.toMatch(/ (sign-in|code)$/);
      }
    }
  });

  it.each(['/token', '/par', '/introspect', '/revoke'])('at %s, each of them', async (path) => {
    const { secret } = app.clients;
    const form = {
      grant_type: 'authorization_code',
      code: 'some-code',
      redirect_uri: secret.redirectUri,
      code_verifier: 'v'.repeat(43),
      token: 'some-token',
      response_type: 'code',
      ...(await authenticate(secret, app.issuer)),
    };
    const known: Record<string, readonly string[]> = {
      '/token': ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id', 'client_secret'],
      '/par': ['response_type', 'redirect_uri', 'client_id', 'client_secret'],
    };
    for (const name of known[path] ?? ['token', 'client_id', 'client_secret']) {
      const doubled = new URLSearchParams(form);
      doubled.append(name, doubled.get(name) ?? '');
      const answer = await post(app.issuer, path, doubled);
      expect({ name, answer }).toMatchObject({ name, answer: { status: 400, body: { error: 'invalid_request' } } });
    }
  });

  it('at /logout, each of them', async () => {
    const browser = new Browser(app.issuer);
    for (const name of ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state']) {
      const answer = await browser.get(`/logout?${name}=a&${name}=a`, { accept: 'text/html' });
      expect({ name, status: answer.status }).toEqual({ name, status: 400 });
    }
  });

  it('parameters in the query of a form are not read', async () => {
    const { secret } = app.clients;
    const { request, code } = await obtainCode(new Browser(app.issuer), secret);
    const split = await post(app.issuer, `/token?code=${code}&code_verifier=${request.verifier}`, {
      grant_type: 'authorization_code',
      redirect_uri: secret.redirectUri,
      ...(await authenticate(secret, app.issuer)),
    });
    expect(split).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('PKCE at the token endpoint', () => {
  it('R5 R8 D4: a code is worth nothing without the verifier it was asked with', async () => {
    const { secret } = app.clients;
    for (const verifier of ['w'.repeat(43), '', 'short']) {
      const { code } = await obtainCode(new Browser(app.issuer), secret);
      expect(await redeem(app, secret, { code, verifier })).toMatchObject({ status: 400 });
    }
    const { code, request } = await obtainCode(new Browser(app.issuer), secret);
    const wrongPlace = { ...secret, redirectUri: 'https://rp.example/other' };
    expect(await redeem(app, wrongPlace, { code, verifier: request.verifier })).toMatchObject({
      body: { error: 'invalid_grant' },
    });
  });

  it('R8: a verifier where no challenge was is a downgrade, and refused', async () => {
    const optional = await app.register('rp-optional', { pkce: 'optional', sector: 'optional.example' });
    const { code } = await obtainCode(new Browser(app.issuer), optional, {
      code_challenge: '',
      code_challenge_method: '',
    });
    expect(await redeem(app, optional, { code, verifier: 'v'.repeat(43) })).toMatchObject({
      body: { error: 'invalid_grant' },
    });
  });

  it('R5 D2: a code of one service is worth nothing to another', async () => {
    const { code, request } = await obtainCode(new Browser(app.issuer), app.clients.jwt);
    const other = { ...app.clients.secret, redirectUri: app.clients.jwt.redirectUri };
    expect(await redeem(app, other, { code, verifier: request.verifier })).toMatchObject({
      body: { error: 'invalid_grant' },
    });
  });
});

describe('X6: signed requests', () => {
  const sign = async (claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> => {
    const { privateKey } = app.clients.jwt;
    if (!privateKey) throw new Error('no key');
    return new SignJWT({ iss: 'rp-jwt', aud: app.issuer, client_id: 'rp-jwt', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'rp-key', ...header })
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
  };
  const paramsOf = (url: string): Record<string, string> => Object.fromEntries(new URL(url, app.issuer).searchParams);

  it('what is signed wins, and what is only outside is not there', async () => {
    const { url, state } = authorizeRequest(app.clients.jwt);
    const request = await sign({ ...paramsOf(url), prompt: 'login' });
    const outside = { client_id: 'rp-jwt', response_type: 'code', scope: 'openid', request };
    const smuggled = {
      ...outside,
      state: 'another',
      max_age: '1',
      login_hint: 'x',
      redirect_uri: 'https://evil.example',
    };
    const before = app.standIn.seen.length;
    const callback = await authorize(new Browser(app.issuer), {
      url: `/authorize?${new URLSearchParams(smuggled).toString()}`,
      verifier: '',
      nonce: '',
      state,
    });
    expect(callback.href).toContain(REDIRECT);
    expect(callback.searchParams.get('state')).toBe(state);
    expect(app.standIn.seen.slice(before)).toMatchObject([{ loginHint: undefined }]);
  });

  it('one that nobody signed, or somebody else, is refused', async () => {
    const params = paramsOf(authorizeRequest(app.clients.jwt).url);
    const stranger = await generateKeyPair('ES256');
    const claims = { ...params, iss: 'rp-jwt', aud: app.issuer };
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'rp-key' }).sign(stranger.privateKey),
      await sign({ ...params, iss: 'rp-secret' }),
      await sign({ ...params, aud: 'https://elsewhere.example' }),
      await sign({ ...params, client_id: 'rp-secret' }),
    ];
    for (const request of forged) {
      const query = new URLSearchParams({ ...params, request });
      const answer = await new Browser(app.issuer).get(`/authorize?${query.toString()}`);
      expect(outcomeOf(answer)).toMatch(/^(page 400|invalid_request|invalid_request_object)$/);
    }
  });

  it('request_uri of a service is never fetched', async () => {
    const { url } = authorizeRequest(app.clients.jwt, { request_uri: `${app.issuer}/health/live` });
    const answer = await new Browser(app.issuer).get(url);
    expect(outcomeOf(answer)).toBe('request_uri_not_supported');
  });
});
