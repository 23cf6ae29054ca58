import { decodeJwt, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../../support/protocol-app.ts';
import { authorize, authorizeRequest, Browser, outcomeOf, signIn, userinfo } from '../../support/raw-client.ts';

let app: ProtocolApp;
let both: TestClient;

beforeAll(async () => {
  app = await protocolApp();
  both = await app.register('rp-both', { levels: ['Cl', 'Cl.Cm'], sector: 'both.example', claims: [] });
});
afterEach(() => {
  app.standIn.answer = 'sign-in';
});
afterAll(() => app.close());

async function signedIn(client: TestClient = both): Promise<Browser> {
  const browser = new Browser(app.issuer);
  await signIn(app, browser, client);
  return browser;
}

async function tokenOf(client: TestClient, extra: Record<string, string>): Promise<JWTPayload> {
  const { body } = await signIn(app, new Browser(app.issuer), client, extra);
  return decodeJwt(body['id_token'] ?? '');
}

const errorOf = async (client: TestClient, extra: Record<string, string>): Promise<string> =>
  outcomeOf(await new Browser(app.issuer).get(authorizeRequest(client, extra).url));

describe('levels', () => {
  it('vtr, acr_values and nothing at all: the level reached is in vot and acr, the trustmark in vtm', async () => {
    const asked: Record<string, string>[] = [
      {},
      { vtr: '["Cl"]' },
      { vtr: '["Cl","Cl.Cm"]' },
      { vtr: '["P0.Cl"]' },
      { acr_values: 'Cl' },
    ];
    for (const extra of asked) {
      expect(await tokenOf(both, extra)).toMatchObject({ vot: 'Cl', acr: 'Cl', vtm: `${app.issuer}/trustmark` });
    }
  });

  it('what the service may not ask for is invalid_request', async () => {
    const { jwt } = app.clients;
    expect(await errorOf(jwt, { vtr: '["Cl.Cm"]' })).toBe('invalid_request');
    expect(await errorOf(jwt, { acr_values: 'Cl.Cm' })).toBe('invalid_request');
  });

  it('A13: what no sign-in here can reach is unmet, before the citizen is asked anything', async () => {
    const unmet = 'unmet_authentication_requirements';
    const essential = (acr: object): string => JSON.stringify({ id_token: { acr: { essential: true, ...acr } } });
    expect(await errorOf(both, { vtr: '["Cl.Cm"]' })).toBe(unmet);
    expect(await errorOf(both, { acr_values: 'Cl.Cm' })).toBe(unmet);
    expect(await errorOf(both, { vtr: '["P2.Cl.Cm"]' })).toBe(unmet);
    expect(await errorOf(both, { claims: essential({ value: 'Cl.Cm' }) })).toBe(unmet);
    expect(await errorOf(both, { claims: essential({ values: ['Cl.Cm'] }) })).toBe(unmet);
    expect(await errorOf(both, { claims: essential({ value: 'something-else' }) })).toBe(unmet);
  });

  it('X11: an essential level that is reached is answered with it', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['Cl', 'Cl.Cm'] } } });
    expect(await tokenOf(both, { claims })).toMatchObject({ acr: 'Cl' });
  });

  it.each(['Cl', '[]', '{}', '["Cx"]', '["Cl.Cl"]', '["P0.P1.Cl"]', '["Cl","P2.Cl.Cm"]', '[1]', '["Cl"', '[["Cl"]]'])(
    'vtr %s is malformed',
    async (vtr) => {
      expect(await errorOf(both, { vtr })).toBe('invalid_request');
    },
  );
});

describe('prompts', () => {
  it('C6: none never signs anybody in', async () => {
    expect(await errorOf(both, { prompt: 'none' })).toBe('login_required');
    const browser = await signedIn();
    expect(outcomeOf(await browser.get(authorizeRequest(both, { prompt: 'none' }).url))).toBe('code');
    expect(outcomeOf(await browser.get(authorizeRequest(both, { prompt: 'none login' }).url))).toBe('invalid_request');
  });

  it('login asks again, and auth_time moves', async () => {
    const browser = await signedIn();
    const request = authorizeRequest(both, { prompt: 'login', login_hint: 'someone', ui_locales: 'cy en' });
    expect(outcomeOf(await browser.get(request.url))).toBe('sign-in');
    const seen = app.standIn.seen.length;
    await authorize(browser, authorizeRequest(both, { prompt: 'login', login_hint: 'someone', ui_locales: 'cy en' }));
    expect(app.standIn.seen.slice(seen)).toMatchObject([
      { prompt: 'login', loginHint: 'someone', uiLocales: ['cy', 'en'], sessionAccountId: app.accountId },
    ]);
  });

  it.each(['consent', 'select_account'] as const)('%s asks for just that, and asks once', async (prompt) => {
    const browser = await signedIn();
    const seen = app.standIn.seen.length;
    app.standIn.answer = 'confirm';
    const callback = await authorize(browser, authorizeRequest(both, { prompt }));
    expect(callback.searchParams.get('error')).toBeNull();
    expect(app.standIn.seen.slice(seen).map((interaction) => interaction.prompt)).toEqual([prompt]);
  });

  it('several are asked one after the other', async () => {
    const browser = await signedIn();
    const seen = app.standIn.seen.length;
    const callback = await authorize(browser, authorizeRequest(both, { prompt: 'login consent' }));
    expect(callback.searchParams.has('code')).toBe(true);
    expect(app.standIn.seen.slice(seen).map((interaction) => interaction.prompt)).toEqual(['login', 'consent']);
  });

  it('confirming does not answer a request for a new sign-in', async () => {
    const browser = await signedIn();
    app.standIn.answer = 'confirm';
    const asked = await browser.get(authorizeRequest(both, { prompt: 'login' }).url);
    expect(outcomeOf(await browser.get(asked.headers.get('location') ?? ''))).toBe('page 403');
  });

  it('X11: max_age=0 asks again; an old session is too old; a young one is not', async () => {
    const browser = await signedIn();
    expect(outcomeOf(await browser.get(authorizeRequest(both, { max_age: '0' }).url))).toBe('sign-in');
    expect(outcomeOf(await browser.get(authorizeRequest(both, { max_age: '1000' }).url))).toBe('code');
    expect(outcomeOf(await browser.get(authorizeRequest(both, { max_age: '0', prompt: 'none' }).url))).toMatch(
      /login_required|invalid_request/,
    );
  });

  it('X11: max_age is kept: auth_time is of the sign-in, not of the silent one', async () => {
    const browser = new Browser(app.issuer);
    const first = decodeJwt((await signIn(app, browser, both)).body['id_token'] ?? '');
    const silent = decodeJwt((await signIn(app, browser, both, { max_age: '1000' })).body['id_token'] ?? '');
    expect(silent['auth_time']).toBe(first['auth_time']);
  });

  it('id_token_hint of another person asks who is there', async () => {
    const browser = new Browser(app.issuer);
    const { body } = await signIn(app, browser, both);
    const hint = body['id_token'] ?? '';
    const same = authorizeRequest(both, { id_token_hint: hint, prompt: 'none' });
    expect(outcomeOf(await browser.get(same.url))).toBe('code');

    const stranger = new Browser(app.issuer);
    app.standIn.accountId = await app.person('another@example.org');
    await signIn(app, stranger, both);
    app.standIn.accountId = app.accountId;
    const other = authorizeRequest(both, { id_token_hint: hint, prompt: 'none' });
    expect(outcomeOf(await stranger.get(other.url))).toBe('login_required');
  });
});

describe('claims', () => {
  it('G5 D11: a claim in the ID token when it is asked for and registered', async () => {
    const claims = JSON.stringify({ id_token: { email: null }, userinfo: { email: { essential: true } } });
    expect(await tokenOf(app.clients.jwt, { claims })).toMatchObject({ email: 'citizen@example.org' });
  });

  it('G5 D11: one that is not registered is passed over, silently, and nobody is asked', async () => {
    const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { email: null, name: null } });
    const browser = await signedIn();
    const { body, callback } = await signIn(app, browser, both, { claims, prompt: 'none' });
    expect(callback.searchParams.get('error')).toBeNull();
    expect(decodeJwt(body['id_token'] ?? '')).not.toHaveProperty('email');
    const told: unknown = await (await userinfo(app, body['access_token'] ?? '')).json();
    expect(Object.keys(Object(told)).toSorted()).toEqual(['sub']);
  });

  it('userinfo tells what the scope covers, and no more', async () => {
    const { body } = await signIn(app, new Browser(app.issuer), app.clients.jwt, { scope: 'openid email' });
    const told: unknown = await (await userinfo(app, body['access_token'] ?? '')).json();
    expect(told).toEqual({
      sub: decodeJwt(body['id_token'] ?? '').sub,
      email: 'citizen@example.org',
      email_verified: true,
    });
  });

  it.each(['[]', '{"id_token":1}', '{', '{"id_token":{"acr":{"essential":true,"values":"Cl"}}}'])(
    'claims %s are refused or mean nothing',
    async (claims) => {
      expect(await errorOf(both, { claims })).toMatch(/^(invalid_request|sign-in|unmet_authentication_requirements)$/);
    },
  );
});
