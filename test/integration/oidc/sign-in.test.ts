import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp } from '../../support/protocol-app.ts';
import { Browser, signIn } from '../../support/raw-client.ts';
import { testRedis, redisAvailable, type TestRedis } from '../../support/redis.ts';

describe.each([{ store: 'postgres' }, { store: 'redis' }])('signing in with state in $store', ({ store }) => {
  let redis: TestRedis | undefined;
  let app: ProtocolApp;

  beforeAll(async () => {
    if (store === 'redis' && redisAvailable) redis = await testRedis();
    app = await protocolApp(redis ? { redisUrl: redis.url } : {});
  });
  afterAll(async () => {
    await app.close();
    await redis?.stop();
  });

  it('gives an ES256 ID token with a pairwise sub to a service with a key', async () => {
    const browser = new Browser(app.issuer);
    const { status, body } = await signIn(app, browser, app.clients.jwt);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    expect(status).toBe(200);
    const token = body['id_token'] ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256' });
    expect(decodeJwt(token)).toMatchObject({
      iss: app.issuer,
      aud: 'rp-jwt',
      vot: 'Cl',
      vtm: `${app.issuer}/trustmark`,
    });
    expect(decodeJwt(token).sub).toMatch(/^urn:fdc:latchkey:2026:[\w-]{43}$/);
    expect(decodeJwt(token)['email']).toBeUndefined();
  });

  it('D12: two sectors know one person by two subs, and each by the same sub every time', async () => {
    const browser = new Browser(app.issuer);
    const first = await signIn(app, browser, app.clients.jwt);
    const silent = await signIn(app, browser, app.clients.jwt, { prompt: 'none' });
    const other = await signIn(app, browser, app.clients.secret, { prompt: 'none' });
    const subs = [first, silent, other].map(({ body }) => decodeJwt(body['id_token'] ?? '').sub);
    expect(subs[0]).toBe(subs[1]);
    expect(subs[0]).not.toBe(subs[2]);
    expect(decodeProtectedHeader(other.body['id_token'] ?? '').alg).toBe('RS256');
  });
});
