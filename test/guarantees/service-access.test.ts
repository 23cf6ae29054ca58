import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import {
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

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };

describe.each([{ store: 'postgres' }, { store: 'redis' }])('what services may do, state in $store', ({ store }) => {
  let redis: TestRedis | undefined;
  let app: ProtocolApp;
  let stopped: TestClient;
  let kept: TestClient;
  beforeAll(async () => {
    if (store === 'redis' && redisAvailable) redis = await testRedis();
    app = await protocolApp({ redisUrl: redis?.url });
    stopped = await app.register('rp-stopped', {
      sector: 'stopped.example',
      backchannelLogoutUri: 'http://127.0.0.1:9/bcl',
    });
    kept = app.clients.secret;
  });
  afterAll(async () => {
    await app.close();
    await redis?.stop();
  });

  const somebody = async (name: string): Promise<string> => {
    const accountId = await app.person(`${name}-${store}@example.org`);
    app.standIn.accountId = accountId;
    return accountId;
  };
  const auditOf = async (accountId: string): Promise<unknown[]> =>
    app.app.house.db.query({
      text: `SELECT body FROM audit_events WHERE chain_id = $1 AND type = 'grant.revoked'`,
      values: [`account:${accountId}`],
    });
  const noticesOf = async (): Promise<number> => {
    const [row] = await app.app.house.db.query<{ count: number }>({
      text: `SELECT count(*)::int AS count FROM outbox WHERE kind = 'backchannel-logout'`,
    });
    return row?.count ?? 0;
  };

  it('D19: lists who may ask, and whether also while the citizen is away', async () => {
    const accountId = await somebody('lists');
    const { port } = app.app.oidc;
    expect(await port.listAccess(accountId)).toEqual([]);
    const browser = new Browser(app.issuer);
    await signIn(app, browser, stopped, OFFLINE);
    await signIn(app, browser, kept);
    const listed = (await port.listAccess(accountId)).toSorted((a, b) => a.clientId.localeCompare(b.clientId));
    expect(listed).toEqual([
      { clientId: kept.clientId, whileAway: false },
      { clientId: stopped.clientId, whileAway: true },
    ]);
    await port.revokeSessions(accountId, 'test');
    expect(await port.listAccess(accountId)).toEqual([]);
  });

  it('D19: what a citizen stops is over at once: codes, access and refresh tokens, in every browser', async () => {
    const accountId = await somebody('stops');
    const { port } = app.app.oidc;
    const [one, two] = [new Browser(app.issuer), new Browser(app.issuer)];
    const away = await signIn(app, one, stopped, OFFLINE);
    const online = await signIn(app, two, stopped);
    const other = await signIn(app, one, kept);
    const waiting = await obtainCode(two, stopped);
    const before = await noticesOf();

    expect(await port.endAccess(accountId, stopped.clientId)).toBe(true);
    for (const { body } of [away, online]) {
      expect((await userinfo(app, body['access_token'] ?? '')).status).toBe(401);
      expect((await introspect(app, stopped, body['access_token'] ?? '')).body).toEqual({ active: false });
    }
    expect((await refresh(app, stopped, { token: away.body['refresh_token'] ?? '' })).body['error']).toBe(
      'invalid_grant',
    );
    const late = await redeem(app, stopped, { code: waiting.code, verifier: waiting.request.verifier });
    expect(late.body['error']).toBe('invalid_grant');
    expect(await noticesOf(), 'the service is told of each of its sessions').toBe(before + 2);
    expect(await auditOf(accountId)).toEqual([{ body: { actor: 'citizen', accountId, clientId: stopped.clientId } }]);
    expect(await port.listAccess(accountId)).toEqual([{ clientId: kept.clientId, whileAway: false }]);

    expect((await userinfo(app, other.body['access_token'] ?? '')).status, 'the others go on').toBe(200);
    const again = await two.get(authorizeRequest(stopped, { prompt: 'none' }).url);
    expect(outcomeOf(again), 'the citizen is still signed in, and may come back').toBe('code');
    expect((await signIn(app, two, stopped)).status).toBe(200);
  });

  it('D19: what it may do while the citizen is away ends too, after the session, and it is told', async () => {
    const accountId = await somebody('away');
    const { port } = app.app.oidc;
    const away = await signIn(app, new Browser(app.issuer), stopped, OFFLINE);
    const [session] = await port.listSessions(accountId);
    await port.endSession(accountId, session?.sessionKey ?? '', 'test');
    expect(await port.listAccess(accountId)).toEqual([{ clientId: stopped.clientId, whileAway: true }]);
    const before = await noticesOf();
    expect(await port.endAccess(accountId, stopped.clientId)).toBe(true);
    expect(await noticesOf()).toBe(before + 1);
    const { body } = await refresh(app, stopped, { token: away.body['refresh_token'] ?? '' });
    expect(body['error']).toBe('invalid_grant');
  });

  it('D19: of two at once one ends it; a stranger’s account has nothing to end', async () => {
    const accountId = await somebody('twice');
    const { port } = app.app.oidc;
    const signedIn = await signIn(app, new Browser(app.issuer), stopped);
    expect(await port.endAccess(app.accountId, stopped.clientId)).toBe(false);
    expect((await userinfo(app, signedIn.body['access_token'] ?? '')).status).toBe(200);
    const both = await Promise.all([1, 2].map(() => port.endAccess(accountId, stopped.clientId)));
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await auditOf(accountId)).toHaveLength(1);
  });
});
