import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { type App, buildApp } from '../../src/app.ts';
import { createOperators } from '../../src/operators/index.ts';
import { collectRoutes } from '../../src/operators/access/collect-routes.ts';
import type { OperatorRoutes } from '../../src/operators/access/operator-scope.ts';
import type { Role } from '../../src/operators/access/permissions.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { throwOnPersonalData } from '../../src/platform/telemetry/line-stream.ts';
import { testConfig } from './config.ts';
import { formTokenOf } from './operators.ts';
import { testDatabase, type TestDatabase } from './postgres.ts';
import { type Ask, type Lie, type SoftAuthenticator, softAuthenticator } from './soft-authenticator.ts';

const ISSUER = 'https://id.example';
export const html = { accept: 'text/html', host: 'id.example' };

/** The whole application over a database of its own, with a clock that stands until it is moved. */
export interface StaffDoor {
  readonly app: App;
  readonly database: TestDatabase;
  readonly clock: { now: Date };
  /** A second application over the same database: another node. */
  secondNode(): Promise<App>;
  /** Somebody with a passkey of their own, joined by an invitation. */
  join(handle: string, roles: readonly Role[], authenticator?: SoftAuthenticator): Promise<Staff>;
  close(): Promise<void>;
}

export interface Staff {
  readonly handle: string;
  readonly authenticator: SoftAuthenticator;
  readonly browser: Browser;
}

/** As much of a browser as pages need: it keeps cookies and sends forms. */
export interface Browser {
  readonly jar: Map<string, string>;
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>;
}

export function createBrowser(http: FastifyInstance): Browser {
  const jar = new Map<string, string>();
  const send = async (
    method: 'GET' | 'POST',
    url: string,
    given: { readonly headers?: Readonly<Record<string, string>>; readonly payload?: string },
  ): Promise<LightMyRequestResponse> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...html, ...(cookie && { cookie }), ...given.headers };
    const answer = await http.inject({
      method,
      url,
      headers,
      ...(given.payload !== undefined && { payload: given.payload }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  return {
    jar,
    get: (url, headers = {}) => send('GET', url, { headers }),
    post: (url, fields, headers = {}) =>
      send('POST', url, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
        payload: new URLSearchParams(fields).toString(),
      }),
  };
}

/** What a page would hand to the authenticator. */
export function askOf(page: string): Ask & { readonly user: string } {
  const [, text = ''] = /data-options="([^"]+)"/.exec(page) ?? [];
  const options = JSON.parse(text.replaceAll('&quot;', '"'));
  return {
    challenge: options.challenge,
    rpId: options.rpId ?? options.rp.id,
    origin: ISSUER,
    user: options.user?.id ?? '',
  };
}

/** Signs in by the pages, as a browser would. */
export async function signIn(
  browser: Browser,
  authenticator: SoftAuthenticator,
  { lie = {}, to = '/operators/passkeys' }: { readonly lie?: Lie; readonly to?: string } = {},
): Promise<LightMyRequestResponse> {
  const page = await browser.get('/operators/sign-in');
  const credential = authenticator.use(askOf(page.body), lie);
  return browser.post('/operators/sign-in', { formToken: formTokenOf(page.body), to, credential });
}

export async function takeUp(
  browser: Browser,
  link: string,
  authenticator: SoftAuthenticator,
  lie: Lie = {},
): Promise<LightMyRequestResponse> {
  const { pathname } = new URL(link);
  const first = await browser.get(pathname);
  const second = await browser.post(pathname, { formToken: formTokenOf(first.body), name: 'Ann Example' });
  const ask = askOf(second.body);
  const credential = authenticator.create(ask, ask.user, lie);
  return browser.post(pathname, { formToken: formTokenOf(second.body), name: 'Ann Example', credential });
}

interface DoorOptions {
  /** Rooms of a test's own, beside those of the house. */
  readonly rooms?: readonly OperatorRoutes[];
}

export async function staffDoor({ rooms = [] }: DoorOptions = {}): Promise<StaffDoor> {
  const database = await testDatabase();
  const clock = { now: new Date('2026-11-02T09:00:00Z') };
  const log = throwOnPersonalData();
  const config = testConfig({ issuer: ISSUER, postgres: { url: database.url } });
  const build = async (): Promise<App> => {
    const built = await buildApp({ config, logger: createLogger({ level: 'info' }, log), now: () => clock.now });
    await collectRoutes(built.house, rooms).register(built.http, () => undefined);
    return built;
  };
  const app = await build();
  const others: App[] = [];
  return {
    app,
    database,
    clock,
    async secondNode() {
      const other = await build();
      others.push(other);
      return other;
    },
    async join(handle, roles, authenticator = softAuthenticator()) {
      const done = await createOperators(app.house).invite({ handle, roles }, { actor: 'operator:test' });
      if (done.outcome !== 'invited') throw new Error(done.reason);
      const browser = createBrowser(app.http);
      const joined = await takeUp(browser, done.link, authenticator);
      if (joined.statusCode !== 303) throw new Error(`did not join: ${joined.statusCode} ${joined.body}`);
      return { handle, authenticator, browser };
    },
    async close() {
      await Promise.all(others.map((other) => other.close()));
      await app.close();
      await database.drop();
      log.assertClean();
    },
  };
}
