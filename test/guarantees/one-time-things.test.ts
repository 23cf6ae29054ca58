import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp } from '../support/protocol-app.ts';
import {
  authenticate,
  type AuthorizeRequest,
  authorizeRequest,
  Browser,
  clientAssertion,
  introspect,
  obtainCode,
  post,
  redeem,
  refresh,
  signIn,
  type TokenAnswer,
  userinfo,
} from '../support/raw-client.ts';
import { redisAvailable, testRedis, type TestRedis } from '../support/redis.ts';

const TRIES = 50;

/** What is to be used once is used once, however often, wherever and how close together it is presented. */
describe.each([{ store: 'postgres' }, { store: 'redis' }])('over two processes, state in $store', ({ store }) => {
  let redis: TestRedis | undefined;
  let app: ProtocolApp;
  let other = '';

  beforeAll(async () => {
    if (store === 'redis' && redisAvailable) redis = await testRedis();
    app = await protocolApp({ redisUrl: redis?.url });
    other = await app.secondProcess();
  });
  afterAll(async () => {
    await app.close();
    await redis?.stop();
  });

  /** Every other try goes to the second process. */
  const race = <T>(attempt: (via: string) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: TRIES }, (_, index) => attempt(index % 2 === 0 ? app.issuer : other)));
  const ok = (answers: readonly TokenAnswer[]): TokenAnswer[] => answers.filter(({ status }) => status === 200);
  const errorsOf = (answers: readonly TokenAnswer[]): Set<string> =>
    new Set(answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body['error']}`));

  it('X1 D2 I2: of 50 parallel redemptions of one code exactly one succeeds', async () => {
    const { secret } = app.clients;
    const { request, code } = await obtainCode(new Browser(app.issuer), secret);
    const answers = await race((via) => redeem(app, secret, { code, verifier: request.verifier, via }));
    expect(ok(answers)).toHaveLength(1);
    expect(errorsOf(answers)).toEqual(new Set(['400 invalid_grant']));
  });

  it('D2: a code that comes a second time revokes what the first use gave', async () => {
    const { jwt } = app.clients;
    const { request, code } = await obtainCode(new Browser(app.issuer), jwt, { scope: 'openid email' });
    const first = await redeem(app, jwt, { code, verifier: request.verifier });
    const token = first.body['access_token'] ?? '';
    expect((await userinfo(app, token, other)).status).toBe(200);
    expect((await introspect(app, jwt, token)).body).toMatchObject({ active: true });

    const second = await redeem(app, jwt, { code, verifier: request.verifier, via: other });
    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await userinfo(app, token)).status).toBe(401);
    expect((await userinfo(app, token, other)).status).toBe(401);
    expect((await introspect(app, jwt, token)).body).toEqual({ active: false });
  });

  it('R15 D5: of 50 parallel refreshes with one token exactly one succeeds', async () => {
    const { secret } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), secret, offline);
    const token = body['refresh_token'] ?? '';
    const answers = await race((via) => refresh(app, secret, { token, via }));
    expect(ok(answers)).toHaveLength(1);
    expect(errorsOf(answers)).toEqual(new Set(['400 invalid_grant']));
  });

  it('R15 D5: a refresh token that was rotated kills its whole family when it comes again', async () => {
    const { jwt } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), jwt, offline);
    const old = body['refresh_token'] ?? '';
    const rotated = await refresh(app, jwt, { token: old });
    const young = rotated.body['refresh_token'] ?? '';
    expect(young).not.toBe(old);
    expect((await userinfo(app, rotated.body['access_token'] ?? '')).status).toBe(200);

    expect(await refresh(app, jwt, { token: old, via: other })).toMatchObject({ status: 400 });
    expect(await refresh(app, jwt, { token: young })).toMatchObject({ body: { error: 'invalid_grant' } });
    expect((await userinfo(app, rotated.body['access_token'] ?? '')).status).toBe(401);
  });

  it('R15 D5: rotation survives a restart: a new process knows which token was used', async () => {
    const { secret } = app.clients;
    const { body } = await signIn(app, new Browser(app.issuer), secret, offline);
    const old = body['refresh_token'] ?? '';
    const young = (await refresh(app, secret, { token: old })).body['refresh_token'] ?? '';
    const restarted = await app.secondNode();
    const next = await refresh(app, secret, { token: young, via: restarted.origin });
    expect(next.status).toBe(200);
    expect(await refresh(app, secret, { token: old, via: restarted.origin })).toMatchObject({ status: 400 });
    const youngest = next.body['refresh_token'] ?? '';
    expect(await refresh(app, secret, { token: youngest, via: restarted.origin })).toMatchObject({ status: 400 });
  });

  it('X2: of 50 parallel authorizations with one pushed request exactly one gives a code', async () => {
    const { secret } = app.clients;
    const browser = new Browser(app.issuer);
    await signIn(app, browser, secret);
    const pushed = await push(authorizeRequest(secret));
    const answers = await race((via) => {
      const tab = new Browser(app.issuer, via);
      for (const [name, cookie] of browser.cookies) tab.cookies.set(name, cookie);
      return tab.get(
        `/authorize?${new URLSearchParams({ client_id: secret.clientId, request_uri: pushed }).toString()}`,
      );
    });
    const places = answers.map((answer) => new URL(answer.headers.get('location') ?? app.issuer).searchParams);
    expect(places.filter((place) => place.has('code'))).toHaveLength(1);
    // Too late for a look: our own page, since nothing says yet where to go. Too late for the use: back to the service.
    const refused = answers.filter((_, index) => places[index]?.has('code') !== true);
    for (const answer of refused) expect([303, 400]).toContain(answer.status);
    const errors = places.flatMap((place) => place.getAll('error'));
    expect(new Set(errors)).toEqual(new Set(errors.length > 0 ? ['invalid_request_uri'] : []));
  });

  it('D7 X2: of 50 parallel uses of one client assertion exactly one is taken', async () => {
    const { jwt } = app.clients;
    const assertion = await clientAssertion(jwt, app.issuer, { jti: randomUUID() });
    const answers = await race((via) =>
      post(
        app.issuer,
        '/introspect',
        {
          token: 'any',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        },
        via,
      ),
    );
    expect(ok(answers)).toHaveLength(1);
    expect(errorsOf(answers)).toEqual(new Set(['401 invalid_client']));
  });

  async function push({ url }: AuthorizeRequest): Promise<string> {
    const form = new URL(url, app.issuer).searchParams;
    for (const [name, value] of Object.entries(await authenticate(app.clients.secret, app.issuer)))
      form.set(name, value);
    const { status, body } = await post(app.issuer, '/par', form);
    expect(status).toBe(201);
    return body['request_uri'] ?? '';
  }
});

const offline = { scope: 'openid offline_access', prompt: 'consent' };
