import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { freePort } from '../support/free-port.ts';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import {
  authorizeRequest,
  Browser,
  clientAssertion,
  obtainCode,
  outcomeOf,
  post,
  redeem,
  refresh,
  signIn,
  userinfo,
} from '../support/raw-client.ts';
import { redisAvailable, testRedis, type TestRedis } from '../support/redis.ts';

const offline = { scope: 'openid offline_access', prompt: 'consent' };

const REFUSED = ['invalid_client', 'temporarily_unavailable'];

/** A request that only needs Postgres: a refresh with a token that nobody gave. What becomes of the assertion? */
async function presentTo({ issuer }: ProtocolApp, proof: string, via: string): Promise<string> {
  const form = {
    grant_type: 'refresh_token',
    refresh_token: 'unknown',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: proof,
  };
  const { body } = await post(issuer, '/token', form, via);
  return body['error'] === 'invalid_grant' ? 'taken' : (body['error'] ?? '');
}

function assertionFor({ clients, issuer }: ProtocolApp, claims: Record<string, unknown> = {}): Promise<string> {
  return clientAssertion(clients.jwt, issuer, { jti: randomUUID(), ...claims });
}

async function flush({ url }: TestRedis): Promise<void> {
  const control = createClient({ url });
  await control.connect();
  await control.flushAll();
  await control.close();
}

describe.skipIf(!redisAvailable)('with Redis lost, flushed, cut off', () => {
  let redis: TestRedis;
  let app: ProtocolApp;
  let client: TestClient;

  beforeAll(async () => {
    redis = await testRedis();
    app = await protocolApp({ redisUrl: redis.url, redisTimeoutMs: 150 });
    client = app.clients.secret;
  });
  afterAll(async () => {
    await app.close();
    await redis.stop();
  });

  const silently = async (browser: Browser, via = app.issuer): Promise<string> => {
    const tab = new Browser(app.issuer, via);
    for (const [name, cookie] of browser.cookies) tab.cookies.set(name, cookie);
    return outcomeOf(await tab.get(authorizeRequest(client, { prompt: 'none' }).url));
  };
  const present = (proof: string, via = app.issuer): Promise<string> => presentTo(app, proof, via);
  const assertion = (claims: Record<string, unknown> = {}): Promise<string> => assertionFor(app, claims);
  const signedIn = async (): Promise<Browser> => {
    const browser = new Browser(app.issuer);
    await signIn(app, browser, client);
    return browser;
  };
  const isReady = async (): Promise<boolean> =>
    (await (await new Browser(app.issuer).get('/health/ready')).text()).includes('"redis":"up"');

  it('F13 I1: killed, nobody is signed out, and people sign in, refresh and sign out as before', async () => {
    const before = await signedIn();
    const pending = await obtainCode(before, client);
    const { body } = await signIn(app, before, client, offline);
    await redis.kill();

    expect(await silently(before)).toBe('code');
    const during = await signedIn();
    expect(await silently(during)).toBe('code');
    await signIn(app, during, client, { prompt: 'login' });
    expect((await signIn(app, before, app.clients.jwt)).status).toBeGreaterThanOrEqual(200);
    expect(await refresh(app, client, { token: body['refresh_token'] ?? '' })).toMatchObject({ status: 200 });
    // What was only there may come back: we do not know, and say so.
    const lost = { code: pending.code, verifier: pending.request.verifier };
    expect(await redeem(app, client, lost)).toMatchObject({ status: 503 });

    await redis.restart();
    await expect.poll(isReady).toBe(true);
    expect(await silently(before)).toBe('code');
    expect(await silently(during)).toBe('code');
    expect(await redeem(app, client, lost)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('I4: a session that ended while Redis did not answer stays ended when it answers again with its old memory', async () => {
    const browser = await signedIn();
    const kept = await signedIn();
    expect(await silently(browser)).toBe('code');
    redis.freeze();
    try {
      await browser.get('/logout');
      const { port } = app.app.oidc;
      const [youngest, oldest] = await port.listSessions(app.accountId);
      expect(youngest).toBeDefined();
      await port.endSession(app.accountId, oldest?.sessionKey ?? '', 'ended-by-citizen');
    } finally {
      redis.thaw();
    }
    await expect.poll(isReady).toBe(true);
    expect([await silently(browser), await silently(kept)].toSorted()).toEqual(['code', 'login_required']);
  });

  it('I4: an access token is revoked with Redis away, and stays revoked', async () => {
    const browser = new Browser(app.issuer);
    const { body } = await signIn(app, browser, client);
    const form = { token: body['access_token'] ?? '', client_id: client.clientId, client_secret: client.secret ?? '' };
    redis.freeze();
    try {
      expect((await post(app.issuer, '/revoke', form)).status).toBe(200);
      expect((await userinfo(app, form.token)).status).toBe(401);
    } finally {
      redis.thaw();
    }
    await expect.poll(isReady).toBe(true);
    expect((await userinfo(app, form.token)).status).toBe(401);
  });

  it('F14 I2 Q5: flushed, nobody is signed out, nothing that ended is back, and nothing used works again', async () => {
    const [kept, ended] = [await signedIn(), await signedIn()];
    const { port } = app.app.oidc;
    const [youngest] = await port.listSessions(app.accountId);
    await port.endSession(app.accountId, youngest?.sessionKey ?? '', 'ended-by-citizen');
    const used = await obtainCode(kept, client);
    const redemption = { code: used.code, verifier: used.request.verifier };
    expect(await redeem(app, client, redemption)).toMatchObject({ status: 200 });
    const honest = async (): Promise<string> => present(await assertion());
    await expect.poll(honest).toBe('taken');
    const proofs = [await assertion(), await assertion({ iat: Math.floor(Date.now() / 1000) + 8 })];
    for (const proof of proofs) expect(await present(proof)).toBe('taken');
    for (const proof of proofs) expect(await present(proof)).toBe('invalid_client');

    await flush(redis);
    expect(await silently(kept)).toBe('code');
    expect(await silently(ended)).toBe('login_required');
    expect(await redeem(app, client, redemption)).toMatchObject({ status: 400 });
    for (const proof of proofs) expect(REFUSED).toContain(await present(proof));
    // Honest clients make a new one, and are through within a second.
    await expect.poll(honest).toBe('taken');
    for (const proof of proofs) expect(REFUSED).toContain(await present(proof));
  });

  it('F17 I2 I4: a node that is cut off from Redis opens no gap between its memory and the others’', async () => {
    const deadUrl = `redis://127.0.0.1:${await freePort()}`;
    const { app: alone, origin } = await app.secondNode({ redisUrl: deadUrl });
    await expect.poll(async () => present(await assertion(), origin)).toBe('taken');
    for (const [first, second] of [
      [origin, app.issuer],
      [app.issuer, origin],
    ]) {
      const proof = await assertion();
      expect(await present(proof, first)).toBe('taken');
      expect(REFUSED).toContain(await present(proof, second));
    }

    const browser = await signedIn();
    expect(await silently(browser, origin)).toBe('code');
    const [youngest] = await alone.oidc.port.listSessions(app.accountId);
    await alone.oidc.port.endSession(app.accountId, youngest?.sessionKey ?? '', 'ended-by-citizen');
    expect(await silently(browser, origin)).toBe('login_required');
    await expect.poll(() => silently(browser), { timeout: 5000 }).toBe('login_required');
  });
});

describe.skipIf(!redisAvailable)('F14 I2 Q5: flushed out of the blue', () => {
  it('an assertion that was used before is refused by every node, also by one that has not heard of it yet', async () => {
    const redis = await testRedis();
    const app = await protocolApp({ redisUrl: redis.url });
    try {
      const other = await app.secondNode();
      const present = (proof: string, via = app.issuer): Promise<string> => presentTo(app, proof, via);
      const proof = await assertionFor(app);
      expect(await present(proof)).toBe('taken');
      expect(await present(proof, other.origin)).toBe('invalid_client');
      await flush(redis);
      // The first to come finds the memory gone and says so; the second node only learns it with its next poll.
      expect(await present(await assertionFor(app))).toBe('temporarily_unavailable');
      expect(REFUSED).toContain(await present(proof, other.origin));
      expect(REFUSED).toContain(await present(proof));
      await expect.poll(async () => present(await assertionFor(app))).toBe('taken');
    } finally {
      await app.close();
      await redis.stop();
    }
  });
});

describe.each([{ store: 'postgres' }, { store: 'redis' }])(
  'F5: with Postgres stopped, state in $store',
  ({ store }) => {
    let folder = '';
    let port = 0;
    let postgres: RunningPostgres;
    let redis: TestRedis | undefined;
    let app: ProtocolApp;

    beforeAll(async () => {
      folder = await mkdtemp('/tmp/latchkey-away-');
      port = await freePort();
      postgres = await startPostgres({ dataDir: join(folder, 'pg'), port, durable: true });
      await migrate(postgres.url);
      if (store === 'redis' && redisAvailable) redis = await testRedis();
      app = await protocolApp({ redisUrl: redis?.url, databaseUrl: postgres.url });
    });
    afterAll(async () => {
      await app.close();
      await postgres.stop();
      await redis?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('I5 I11 I12: 503 with Retry-After and never anybody’s mistake; what services hold goes on; it heals by itself', async () => {
      const { secret, jwt } = app.clients;
      const browser = new Browser(app.issuer);
      const { body } = await signIn(app, browser, secret, offline);
      const [access, rotating] = [body['access_token'] ?? '', body['refresh_token'] ?? ''];
      await postgres.stop();

      const away = await refresh(app, secret, { token: rotating });
      expect(away).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      const answers = [
        await userinfo(app, access),
        await browser.get(authorizeRequest(secret, { prompt: 'login' }).url, { accept: 'text/html' }),
        await browser.get(authorizeRequest({ clientId: 'never-heard-of', redirectUri: secret.redirectUri }).url),
        await new Browser(app.issuer).get(authorizeRequest(jwt).url, { accept: 'text/html' }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(answer.headers.get('location')).toBeNull();
        expect(await answer.text()).not.toMatch(/ECONNREFUSED|postgres|invalid_client|127\.0\.0\.1/);
      }
      for (const path of [
        '/.well-known/openid-configuration',
        '/.well-known/jwks.json',
        '/trustmark',
        '/health/live',
      ]) {
        expect((await browser.get(path)).status).toBe(200);
      }

      postgres = await startPostgres({ dataDir: join(folder, 'pg'), port, durable: true });
      await expect.poll(async () => (await refresh(app, secret, { token: rotating })).status).toBe(200);
      expect((await userinfo(app, access)).status).toBe(200);
      expect(outcomeOf(await browser.get(authorizeRequest(secret, { prompt: 'none' }).url))).toBe('code');
    });
  },
);
