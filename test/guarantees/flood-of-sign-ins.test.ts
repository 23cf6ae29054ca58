import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp, type App } from '../../src/app.ts';
import { testConfig } from '../support/config.ts';
import { freePort } from '../support/free-port.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { authorizeRequest, Browser } from '../support/raw-client.ts';

const CLIENT = { clientId: 'flooded', redirectUri: 'https://rp.example/callback' };
const WORKERS = 1;
const QUEUE = 2;
const FLOOD = 24;

describe('a flood of sign-ins', () => {
  let database: TestDatabase;
  let app: App;
  let issuer: string;

  beforeAll(async () => {
    database = await testDatabase();
    const port = await freePort();
    issuer = `http://localhost:${port}`;
    app = await buildApp({
      config: testConfig({
        issuer,
        http: { port },
        postgres: { url: database.url, poolSize: 10 },
        passwords: { workers: WORKERS, queue: QUEUE, memoryKiB: 19_456 },
      }),
      logger: false,
    });
    const done = await app.house.relyingParties.submit(
      {
        clientId: CLIENT.clientId,
        department: { departmentId: 'floods', name: { en: 'Department' } },
        metadata: { name: { en: 'Service' }, redirectUris: [CLIENT.redirectUri], authMethod: 'client_secret_post' },
      },
      { actor: 'operator:test' },
    );
    if (done.outcome === 'refused') throw new Error(JSON.stringify(done.problems));
    await app.http.listen({ host: '127.0.0.1', port });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  /** A browser that stands on the password page; nobody has its address. */
  async function atThePassword(number: number): Promise<{ browser: Browser; path: string; formToken: string }> {
    const browser = new Browser(issuer);
    const open = async (location: string): Promise<{ path: string; formToken: string }> => {
      const url = new URL(location, issuer);
      const answer = await browser.get(url.href);
      const next = answer.headers.get('location');
      if (next !== null) return open(next);
      return { path: url.pathname, formToken: /name="formToken" value="([^"]*)"/.exec(await answer.text())?.[1] ?? '' };
    };
    const first = await open(authorizeRequest(CLIENT).url);
    const posted = await browser.post(first.path, {
      formToken: first.formToken,
      address: `nobody${number}@example.org`,
    });
    return { browser, ...(await open(posted.headers.get('location') ?? '')) };
  }

  it('G15: what the queue cannot take is 503 with Retry-After; keys and discovery answer all the while', async () => {
    const people = [];
    for (let number = 0; number < FLOOD; number += 1) people.push(await atThePassword(number));

    const flood = Promise.all(
      people.map(({ browser, path, formToken }) =>
        browser.post(path, { formToken, password: 'not a password of anyone' }),
      ),
    );
    const keys = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${issuer}/.well-known/jwks.json`).then(({ status }) => status)),
    );
    const answers = await flood;

    expect(keys.every((status) => status === 200)).toBe(true);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect(answers.filter(({ status }) => status === 303).length).toBeGreaterThanOrEqual(WORKERS + QUEUE);
    expect(answers.every(({ status }) => status === 303 || status === 503)).toBe(true);
  });
});
