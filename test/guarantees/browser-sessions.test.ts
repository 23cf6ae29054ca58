import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, SIGNED_OUT, type TestClient } from '../support/protocol-app.ts';
import {
  authorize,
  authorizeRequest,
  Browser,
  introspect,
  obtainCode,
  outcomeOf,
  redeem,
  refresh,
  signIn,
  userinfo,
} from '../support/raw-client.ts';
import { redisAvailable, testRedis, type TestRedis } from '../support/redis.ts';

const offline = { scope: 'openid offline_access', prompt: 'consent' };

describe.each([{ store: 'postgres' }, { store: 'redis' }])('sessions of browsers, state in $store', ({ store }) => {
  let redis: TestRedis | undefined;
  let app: ProtocolApp;
  let client: TestClient;
  let other: TestClient;

  beforeAll(async () => {
    if (store === 'redis' && redisAvailable) redis = await testRedis();
    app = await protocolApp({ redisUrl: redis?.url });
    client = app.clients.jwt;
    other = app.clients.secret;
  });
  afterEach(() => {
    app.standIn.answer = 'sign-in';
    app.standIn.accountId = app.accountId;
  });
  afterAll(async () => {
    await app.close();
    await redis?.stop();
  });

  const silently = async (browser: Browser, via = app.issuer): Promise<string> => {
    const tab = copyOf(browser, via);
    return outcomeOf(await tab.get(authorizeRequest(client, { prompt: 'none' }).url));
  };
  const copyOf = (browser: Browser, via = app.issuer): Browser => {
    const copy = new Browser(app.issuer, via);
    for (const [name, cookie] of browser.cookies) copy.cookies.set(name, cookie);
    return copy;
  };
  const confirmSignOut = async (browser: Browser, page: Response): Promise<Response> => {
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    return browser.post('/logout/confirm', { xsrf, logout: 'yes' });
  };

  it('C1 X7: a cookie that was there before the sign-in is dead after it', async () => {
    const browser = new Browser(app.issuer);
    await browser.get('/logout');
    const planted = copyOf(browser);
    expect([...planted.cookies.keys()]).toContain('session');
    await signIn(app, browser, client);
    expect(browser.cookies.get('session')?.value).not.toBe(planted.cookies.get('session')?.value);
    expect(await silently(browser)).toBe('code');
    expect(await silently(planted)).toBe('login_required');
  });

  it('C1: each new proof makes a new session id, of 128 bits and more, and the old one is dead', async () => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, client);
    const before = copyOf(browser);
    await signIn(app, browser, client, { prompt: 'login' });
    expect(browser.cookies.get('session')?.value).toMatch(/^[\w-]{22,}$/);
    expect(await silently(browser)).toBe('code');
    expect(await silently(before)).toBe('login_required');
  });

  it('C1: a changed, an invented and an unsigned cookie open nothing', async () => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, client);
    const value = browser.cookies.get('session')?.value ?? '';
    const forged = [`${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`, 'a'.repeat(value.length)];
    for (const id of forged) {
      const thief = copyOf(browser);
      thief.cookies.set('session', { value: id, path: '/' });
      expect(await silently(thief)).toBe('login_required');
    }
    const unsigned = copyOf(browser);
    unsigned.cookies.delete('session.sig');
    expect(await silently(unsigned)).toBe('login_required');
  });

  it('C1: somebody else who signs in inherits nothing', async () => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, client);
    const first = copyOf(browser);
    app.standIn.accountId = await app.person(`someone-${store}@example.org`);
    const { body } = await signIn(app, browser, client, { prompt: 'login' });
    const { sub, sid } = decodeJwt(body['id_token'] ?? '');
    expect(await silently(first)).toBe('login_required');
    const again = decodeJwt((await signIn(app, browser, client)).body['id_token'] ?? '');
    expect(again).toMatchObject({ sub, sid });
    expect(await app.app.oidc.port.listSessions(app.standIn.accountId)).toHaveLength(1);
  });

  it('C3 C12: signing out ends the session, its codes and its tokens, and no copy of the cookie opens anything', async () => {
    const browser = new Browser(app.issuer);
    const { body } = await signIn(app, browser, client);
    const pending = await obtainCode(browser, client);
    const copy = copyOf(browser);
    const token = body['access_token'] ?? '';
    expect((await userinfo(app, token)).status).toBe(200);

    const answer = await confirmSignOut(browser, await browser.get('/logout', { accept: 'text/html' }));
    expect(answer.status).toBe(303);
    const done = await browser.get(answer.headers.get('location') ?? '');
    expect(done.headers.get('location')).toBe('/signed-out');
    expect(done.headers.get('clear-site-data')).toBe('"storage"');
    expect(browser.cookies.has('session')).toBe(false);

    expect(await silently(copy)).toBe('login_required');
    expect((await userinfo(app, token)).status).toBe(401);
    expect((await introspect(app, client, token)).body).toEqual({ active: false });
    const late = { code: pending.code, verifier: pending.request.verifier };
    expect(await redeem(app, client, late)).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('C3: offline access was granted for when the citizen is away, and stays after signing out', async () => {
    const browser = new Browser(app.issuer);
    const { body } = await signIn(app, browser, other, offline);
    await confirmSignOut(browser, await browser.get('/logout'));
    expect(await refresh(app, other, { token: body['refresh_token'] ?? '' })).toMatchObject({ status: 200 });
  });

  it('C4: ending all sessions of an account ends them and every token on the other process within 5 s', async () => {
    const elsewhere = await app.secondProcess();
    const accountId = await app.person(`ended-${store}@example.org`);
    app.standIn.accountId = accountId;
    const browsers = [new Browser(app.issuer), new Browser(app.issuer)];
    const [first] = browsers;
    if (!first) throw new Error('no browser');
    const { body } = await signIn(app, first, other, offline);
    for (const browser of browsers) await signIn(app, browser, client);
    const [token, rotating] = [body['access_token'] ?? '', body['refresh_token'] ?? ''];
    for (const browser of browsers) expect(await silently(browser, elsewhere)).toBe('code');
    expect((await userinfo(app, token, elsewhere)).status).toBe(200);

    const begun = Date.now();
    expect(await app.app.oidc.port.revokeSessions(accountId, 'suspended')).toBe(2);
    for (const browser of browsers) {
      await expect.poll(() => silently(browser, elsewhere)).toBe('login_required');
      expect(await silently(browser)).toBe('login_required');
    }
    expect((await userinfo(app, token, elsewhere)).status).toBe(401);
    expect(await refresh(app, other, { token: rotating, via: elsewhere })).toMatchObject({ status: 400 });
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(await app.app.oidc.port.listSessions(accountId)).toEqual([]);
  });

  it('C4: nor does what was granted in a session that is long over, or is further along than Postgres knows, stay', async () => {
    const accountId = await app.person(`hidden-${store}@example.org`);
    app.standIn.accountId = accountId;
    const [gone, lagging] = [new Browser(app.issuer), new Browser(app.issuer)];
    const { body } = await signIn(app, gone, other, offline);
    await confirmSignOut(gone, await gone.get('/logout'));
    await signIn(app, lagging, client);
    const { db } = app.app.house;
    await db.query({
      text: `UPDATE sessions SET expires_at = now() - interval '1 minute' WHERE account_id = $1 AND ended_at IS NULL`,
      values: [accountId],
    });
    await app.app.oidc.sweepSessions(new Date());
    expect(await app.app.oidc.port.revokeSessions(accountId, 'password-reset')).toBe(1);
    expect(await silently(lagging)).toBe('login_required');
    const rotating = body['refresh_token'] ?? '';
    expect(await refresh(app, other, { token: rotating })).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('LA02, L2: where one session is kept, offline access of every other one ends, and its own goes on', async () => {
    const accountId = await app.person(`kept-${store}@example.org`);
    app.standIn.accountId = accountId;
    const [strangers, longGone, kept] = [new Browser(app.issuer), new Browser(app.issuer), new Browser(app.issuer)];
    const tokens: string[] = [];
    for (const browser of [longGone, strangers, kept])
      tokens.push((await signIn(app, browser, other, offline)).body['refresh_token'] ?? '');
    await confirmSignOut(longGone, await longGone.get('/logout'));
    const { port } = app.app.oidc;
    const [youngest] = await port.listSessions(accountId);
    expect(await port.revokeSessions(accountId, 'password-changed', { except: youngest?.sessionKey ?? '' })).toBe(1);
    const statuses = [];
    for (const token of tokens) statuses.push((await refresh(app, other, { token })).status);
    expect(statuses).toEqual([400, 400, 200]);
    expect(await silently(kept)).toBe('code');
  });

  it('C4: an account that is suspended gets nothing for what it still holds', async () => {
    const accountId = await app.person(`suspended-${store}@example.org`);
    app.standIn.accountId = accountId;
    const { body } = await signIn(app, new Browser(app.issuer), client, offline);
    const [token, rotating] = [body['access_token'] ?? '', body['refresh_token'] ?? ''];
    const { db } = app.app.house;
    await db.query({ text: `UPDATE accounts SET status = 'suspended' WHERE account_id = $1`, values: [accountId] });
    expect((await userinfo(app, token)).status).toBe(401);
    expect((await introspect(app, client, token)).body).toEqual({ active: false });
    expect(await refresh(app, client, { token: rotating })).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('C5: one session is ended and the others stay; a stranger’s cannot be', async () => {
    const accountId = await app.person(`several-${store}@example.org`);
    app.standIn.accountId = accountId;
    const [kept, ended] = [new Browser(app.issuer), new Browser(app.issuer)];
    await signIn(app, kept, client);
    await signIn(app, ended, client);
    const { port } = app.app.oidc;
    const [youngest] = await port.listSessions(accountId);
    const key = youngest?.sessionKey ?? '';
    expect(youngest?.clientIds).toEqual([client.clientId]);
    expect(await port.endSession(app.accountId, key, 'ended-by-citizen')).toBe(false);
    expect(await silently(ended)).toBe('code');
    expect(await port.endSession(accountId, key, 'ended-by-citizen')).toBe(true);
    expect(await silently(ended)).toBe('login_required');
    expect(await silently(kept)).toBe('code');
  });

  it('I4: a session that ends while a request of it is under way stays ended', async () => {
    for (const when of ['before', 'after'] as const) {
      const accountId = await app.person(`racing-${when}-${store}@example.org`);
      app.standIn.accountId = accountId;
      const browser = new Browser(app.issuer);
      await signIn(app, browser, client);
      const { db } = app.app.house;
      const transaction = db.transaction.bind(db);
      let isDone = false;
      // The request that adds a second service writes its session: that is when the account's sessions are ended.
      Object.assign(db, {
        transaction: async (work: Parameters<typeof transaction>[0]) => {
          let touchesSession = false;
          const run = (): Promise<unknown> =>
            transaction((tx) =>
              work({
                ...tx,
                query: async (statement) => {
                  touchesSession ||= statement.text.includes('FROM sessions');
                  if (touchesSession && when === 'before' && !isDone) {
                    isDone = true;
                    Object.assign(db, { transaction });
                    await app.app.oidc.port.revokeSessions(accountId, 'suspended');
                  }
                  return tx.query(statement);
                },
              }),
            );
          const result = await run();
          if (touchesSession && when === 'after' && !isDone) {
            isDone = true;
            Object.assign(db, { transaction });
            await app.app.oidc.port.revokeSessions(accountId, 'suspended');
          }
          return result;
        },
      });
      const asked = authorizeRequest(other, { prompt: 'none' });
      const answer = await browser.get(asked.url);
      Object.assign(db, { transaction });
      expect(isDone).toBe(true);
      const code = new URL(answer.headers.get('location') ?? '', app.issuer).searchParams.get('code') ?? 'none';
      expect(await redeem(app, other, { code, verifier: asked.verifier })).toMatchObject({ status: 400 });
      expect(await silently(browser)).toBe('login_required');
      expect(await silently(browser)).toBe('login_required');
    }
  });

  it('C3: two services in two tabs at once: the session knows both', async () => {
    const accountId = await app.person(`tabs-${store}@example.org`);
    app.standIn.accountId = accountId;
    const browser = new Browser(app.issuer);
    const extra = await Promise.all(
      ['a', 'b', 'c'].map((name) => app.register(`rp-tab-${name}`, { sector: `${name}.example` })),
    );
    await signIn(app, browser, client);
    const answers = await Promise.all(
      extra.map((service) => copyOf(browser).get(authorizeRequest(service, { prompt: 'none' }).url)),
    );
    expect(answers.map(outcomeOf)).toEqual(['code', 'code', 'code']);
    const [session] = await app.app.oidc.port.listSessions(accountId);
    expect(session?.clientIds.toSorted()).toEqual(['rp-jwt', 'rp-tab-a', 'rp-tab-b', 'rp-tab-c']);
  });

  describe('interactions', () => {
    const begin = async (browser: Browser, extra: Record<string, string> = {}): Promise<string> => {
      const answer = await browser.get(authorizeRequest(client, extra).url);
      return answer.headers.get('location') ?? '';
    };

    it('X7 X10: the link of one browser opens nothing in another', async () => {
      const [attacker, victim] = [new Browser(app.issuer), new Browser(app.issuer)];
      const link = await begin(attacker);
      expect(outcomeOf(await victim.get(link))).toBe('page 400');
      const own = await begin(victim);
      for (const [name, cookie] of victim.cookies) victim.cookies.set(name, { ...cookie, path: '/' });
      expect(own).not.toBe(link);
      expect(outcomeOf(await victim.get(link))).toBe('page 400');
      expect(outcomeOf(await victim.get(`/authorize/${link.split('/').at(-1)}`))).toBe('sign-in');
    });

    it('X7: after the victim signed in on it, the attacker’s browser has no session', async () => {
      const [attacker, victim] = [new Browser(app.issuer), new Browser(app.issuer)];
      app.standIn.answer = 'wait';
      const link = await begin(attacker);
      for (const [name, cookie] of attacker.cookies) victim.cookies.set(name, cookie);
      app.standIn.answer = 'sign-in';
      const resume = (await victim.get(link)).headers.get('location') ?? '';
      await victim.get(resume);
      expect(await silently(attacker)).toBe('login_required');
    });

    it('X8: what was asked cannot be changed on the way back', async () => {
      const browser = new Browser(app.issuer);
      const link = await begin(browser);
      const resume = (await browser.get(link)).headers.get('location') ?? '';
      const changed = new URL(resume, app.issuer);
      changed.search = new URLSearchParams({
        client_id: other.clientId,
        redirect_uri: 'https://evil.example',
        response_type: 'token',
        scope: 'openid email',
        state: 'changed',
        prompt: 'none',
      }).toString();
      const answer = await browser.get(changed.href);
      const target = new URL(answer.headers.get('location') ?? '', app.issuer);
      expect(target.href.startsWith(client.redirectUri)).toBe(true);
      expect(target.searchParams.get('state')).not.toBe('changed');
    });

    it('X8: an interaction is finished once', async () => {
      const browser = new Browser(app.issuer);
      const link = await begin(browser);
      const resume = (await browser.get(link)).headers.get('location') ?? '';
      const again = copyOf(browser);
      expect(outcomeOf(await browser.get(resume))).toBe('code');
      expect(outcomeOf(await again.get(resume))).toBe('page 400');
      expect(outcomeOf(await again.get(link))).toBe('page 400');
    });

    it('C6: before anybody proved anything there is no way past the pages', async () => {
      const browser = new Browser(app.issuer);
      const link = await begin(browser);
      const skipped = await browser.get(`/authorize/${link.split('/').at(-1)}`);
      expect(outcomeOf(skipped)).toBe('sign-in');
      expect(browser.cookies.has('session')).toBe(false);
    });
  });

  describe('signing out at the word of a service', () => {
    const hinted = async (): Promise<{ browser: Browser; hint: string }> => {
      const browser = new Browser(app.issuer);
      const { body } = await signIn(app, browser, client);
      return { browser, hint: body['id_token'] ?? '' };
    };
    const ask = (browser: Browser, query: Record<string, string>): Promise<Response> =>
      browser.get(`/logout?${new URLSearchParams(query).toString()}`, { accept: 'text/html' });

    it('D15: with a hint of this session it happens at once, and the browser goes to the registered address', async () => {
      const { browser, hint } = await hinted();
      const copy = copyOf(browser);
      const answer = await ask(browser, { id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT, state: 's&"' });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${SIGNED_OUT}?state=s%26%22`);
      expect(await silently(copy)).toBe('login_required');
    });

    it('X12 D15: without a hint that proves this session the citizen is asked, and nothing ends unasked', async () => {
      const { browser, hint } = await hinted();
      const foreign = await hinted();
      const [head = '', payload = '', signature = ''] = hint.split('.');
      const wrong: Record<string, string>[] = [
        {},
        { client_id: client.clientId },
        { client_id: 'nobody' },
        { id_token_hint: foreign.hint },
        { id_token_hint: `${head}.${payload}.${signature.slice(0, -4)}AAAA` },
        { id_token_hint: `${head}.${payload.slice(0, -4)}AAAA.${signature}` },
        { id_token_hint: hint, client_id: other.clientId },
        { id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' },
        { id_token_hint: hint, post_logout_redirect_uri: `${SIGNED_OUT}/` },
        { id_token_hint: 'not.a.token' },
        { post_logout_redirect_uri: 'https://evil.example/' },
      ];
      for (const query of wrong) {
        const first = await ask(browser, query);
        const asked = first.headers.get('location') === '/logout' ? await ask(browser, {}) : first;
        const html = await asked.text();
        expect({ query, asks: html.includes('name="logout"') }).toEqual({ query, asks: true });
        expect(html).not.toContain('evil.example/"');
        expect(await silently(browser)).toBe('code');
      }
    });

    it('D15: the confirmation needs the token of its own page', async () => {
      const { browser } = await hinted();
      await browser.get('/logout');
      const answer = await browser.post('/logout/confirm', { xsrf: 'guess', logout: 'yes' });
      expect(answer.status).toBe(400);
      expect(await silently(browser)).toBe('code');
    });
  });
});

describe('how long a session lasts', () => {
  it('C2: it ends when unused, and at its absolute end however much it is used', async () => {
    const app = await protocolApp({ lifetimes: { sessionIdle: 3, sessionAbsolute: 5 } });
    try {
      const { jwt } = app.clients;
      const [idle, busy] = [new Browser(app.issuer), new Browser(app.issuer)];
      await Promise.all([signIn(app, idle, jwt), signIn(app, busy, jwt)]);
      const begun = Date.now();
      const isLive = async (browser: Browser): Promise<boolean> =>
        outcomeOf(await browser.get(authorizeRequest(jwt, { prompt: 'none' }).url)) === 'code';
      await expect.poll(() => isLive(busy), { timeout: 10_000, interval: 250 }).toBe(false);
      const lasted = (Date.now() - begun) / 1000;
      // Longer than the idle time, because it was used; not longer than the absolute one, give or take the second.
      expect(lasted).toBeGreaterThan(3.2);
      expect(lasted).toBeLessThan(6.5);
      expect(await isLive(idle)).toBe(false);
      await authorize(idle, authorizeRequest(jwt));
      expect(await isLive(idle)).toBe(true);
    } finally {
      await app.close();
    }
  });
});
