import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/platform/telemetry/create-metrics.ts';
import { protocolApp, type ProtocolApp } from '../support/protocol-app.ts';
import { authorizeRequest, Browser, obtainCode, redeem, signIn } from '../support/raw-client.ts';
import { redisAvailable, testRedis, type TestRedis } from '../support/redis.ts';

/** What a silent sign-in costs the stores. The waits are what it costs in time: each is a round trip. */
describe.skipIf(!redisAvailable)('a silent sign-in on Redis', () => {
  let redis: TestRedis;
  let app: ProtocolApp;
  const browser = { current: new Browser('http://localhost') };
  let commands: string[] = [];
  let statements: string[] = [];
  let waits = 0;

  beforeAll(async () => {
    redis = await testRedis();
    const metrics = createMetrics();
    let isOpen = false;
    const { storeCommand } = metrics;
    metrics.storeCommand = (store, command) => {
      storeCommand(store, command);
      commands.push(command);
      if (isOpen) return;
      isOpen = true;
      waits += 1;
      setImmediate(() => {
        isOpen = false;
      });
    };
    app = await protocolApp({ redisUrl: redis.url, metrics });
    const { db } = app.app.house;
    const [query, transaction] = [db.query.bind(db), db.transaction.bind(db)];
    Object.assign(db, {
      query: (statement: Parameters<typeof query>[0]) => {
        // The poll of the epoch, the read-ahead of services and the audit batch run beside requests, on their own clock.
        if (!/perishable_epoch|service_versions|audit_(?:events|heads)/.test(statement.text)) {
          statements.push(statement.text);
        }
        return query(statement);
      },
      transaction: (work: Parameters<typeof transaction>[0]) =>
        transaction((tx) =>
          work({
            ...tx,
            query: (statement) => {
              if (!/audit_(?:events|heads)/.test(statement.text)) statements.push(statement.text);
              return tx.query(statement);
            },
          }),
        ),
    });
    browser.current = new Browser(app.issuer);
    await signIn(app, browser.current, app.clients.jwt);
    await signIn(app, browser.current, app.clients.jwt);
  });
  afterAll(async () => {
    await app.close();
    await redis.stop();
  });
  const forget = (): void => {
    [commands, statements, waits] = [[], [], 0];
  };

  it('costs at most 7 commands and 5 waits, and no statement of Postgres', async () => {
    forget();
    const { request, code } = await obtainCode(browser.current, app.clients.jwt);
    const answer = await redeem(app, app.clients.jwt, { code, verifier: request.verifier });
    expect(answer.status).toBe(200);
    expect(commands.length).toBeLessThanOrEqual(7);
    expect(waits).toBeLessThanOrEqual(5);
    expect(statements).toEqual([]);
  });

  it('writes no refresh token, and no grant, that nobody asked for', async () => {
    const { db } = app.app.house;
    const count = async (): Promise<unknown> =>
      db.query({
        text: 'SELECT (SELECT count(*) FROM grants) AS grants, (SELECT count(*) FROM oidc_artefacts) AS artefacts',
      });
    const before = await count();
    await signIn(app, browser.current, app.clients.jwt);
    expect(await count()).toEqual(before);
  });

  it('Q1 Q2 Q3: every key has a hash tag, no command spans two tags, and nothing is listed, scripted or selected', async () => {
    const watcher = createClient({ url: redis.url });
    await watcher.connect();
    const seen: string[][] = [];
    await watcher.monitor((line) => {
      seen.push([...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word ?? ''));
    });
    const wholeJourney = new Browser(app.issuer);
    await signIn(app, wholeJourney, app.clients.secret, { scope: 'openid offline_access', prompt: 'consent' });
    await signIn(app, wholeJourney, app.clients.jwt, { prompt: 'login' });
    await wholeJourney.get(authorizeRequest(app.clients.jwt, { prompt: 'none' }).url);
    await app.app.oidc.port.revokeSessions(app.accountId, 'test');
    await expect.poll(() => seen.some(([name]) => name?.toUpperCase() === 'DEL')).toBe(true);
    await watcher.close();

    const ours = seen.filter(([name]) => !/^(?:HELLO|CLIENT|PING)$/i.test(name ?? ''));
    expect(new Set(ours.map(([name]) => name?.toUpperCase()))).toEqual(new Set(['GET', 'SET', 'MGET', 'DEL']));
    for (const [name = '', ...words] of ours) {
      const keys = /^(?:MGET|DEL)$/i.test(name) ? words : words.slice(0, 1);
      const tags = keys.map((key) => /^\{[^{}]+\}/.exec(key)?.[0] ?? `no tag: ${key}`);
      expect(tags.filter((tag) => tag.startsWith('no tag'))).toEqual([]);
      expect(new Set(tags).size).toBe(1);
    }
    const writes = ours.filter(([name]) => name?.toUpperCase() === 'SET');
    expect(writes.filter((words) => !words.includes('EX'))).toEqual([]);
  });

  it('G1 K12: what is in Redis cannot be read, nor presented', async () => {
    const control = createClient({ url: redis.url });
    await control.connect();
    const { code } = await obtainCode(await signedIn(), app.clients.jwt, { login_hint: 'someone@example.org' });
    const keys = await control.keys('*');
    const values = await Promise.all(keys.map((key) => control.get(key)));
    await control.close();
    const text = [...keys, ...values].join('\n');
    expect(keys.length).toBeGreaterThan(3);
    for (const secret of [code, app.accountId, 'someone@example.org', 'citizen@example.org', 'urn:fdc:latchkey']) {
      expect(text).not.toContain(secret);
    }
  });

  async function signedIn(): Promise<Browser> {
    const fresh = new Browser(app.issuer);
    await signIn(app, fresh, app.clients.jwt);
    return fresh;
  }
});
