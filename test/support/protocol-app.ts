import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { type App, buildApp } from '../../src/app.ts';
import type { Config } from '../../src/platform/config/config-schema.ts';
import type { Metrics } from '../../src/platform/telemetry/create-metrics.ts';
import { createStandIn, type StandIn, standInDoor } from './citizens-stand-in.ts';
import { testConfig } from './config.ts';
import { freePort } from './free-port.ts';
import { testDatabase } from './postgres.ts';

export interface ProtocolApp {
  readonly app: App;
  readonly issuer: string;
  readonly databaseUrl: string;
  /** The account that the stand-in for the citizens' pages signs in. */
  readonly accountId: string;
  readonly standIn: StandIn;
  readonly clients: { readonly jwt: TestClient; readonly secret: TestClient };
  /** Another account, with its own address. */
  person(email: string): Promise<string>;
  /** Registers one more service. */
  register(clientId: string, metadata?: Record<string, unknown>): Promise<TestClient>;
  /** A second process over the same stores, at its own port but the same issuer. Answers its origin. */
  secondProcess(): Promise<string>;
  /** As `secondProcess`, but in this process: faster, where separate memories are enough. */
  secondNode(options?: { redisUrl?: string }): Promise<{ app: App; origin: string }>;
  close(): Promise<void>;
}

export interface TestClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly privateKey?: CryptoKey;
  readonly secret?: string;
}

export interface ProtocolAppOptions {
  readonly redisUrl?: string | undefined;
  readonly redisTimeoutMs?: number;
  /** Public origin, when it is to be another than where the app listens. */
  readonly issuer?: string;
  /** Another database than the run's own, for tests that stop it. */
  readonly databaseUrl?: string;
  readonly lifetimes?: Partial<Config['lifetimes']>;
  readonly services?: Partial<Config['services']>;
  readonly now?: () => Date;
  readonly metrics?: Metrics;
}

export const REDIRECT = 'https://rp.example/callback';
export const SIGNED_OUT = 'https://rp.example/bye';
const PASSWORD = 'a password that nobody types';

/** The real application with everything but the citizens' pages: a stand-in signs in one account at once. */
export async function protocolApp(options: ProtocolAppOptions = {}): Promise<ProtocolApp> {
  const database =
    options.databaseUrl === undefined
      ? await testDatabase()
      : { url: options.databaseUrl, drop: () => Promise.resolve() };
  const port = await freePort();
  const issuer = options.issuer ?? `http://localhost:${port}`;
  const config = testConfig({
    issuer,
    http: { port },
    postgres: { url: database.url },
    redis: options.redisUrl === undefined ? {} : { url: options.redisUrl, timeoutMs: options.redisTimeoutMs ?? 1000 },
    lifetimes: options.lifetimes ?? {},
    services: options.services ?? {},
  });
  const standIn = createStandIn();
  const { now, metrics } = options;
  const build = (own: Config = config): Promise<App> =>
    buildApp({ config: own, logger: false, citizensDoor: standInDoor(standIn), now, metrics });

  const app = await build();
  const accountId = await makeAccount(app, 'citizen@example.org');
  standIn.accountId = accountId;
  const register = await registrar(app);
  const clients = await registerClients(register);
  await app.http.listen({ host: '127.0.0.1', port });
  const nodes: App[] = [];
  const processes: ChildProcess[] = [];
  return {
    app,
    issuer,
    databaseUrl: database.url,
    accountId,
    standIn,
    clients,
    register,
    person: (email) => makeAccount(app, email),
    async secondProcess() {
      const { child, origin } = await startProcess({ config, accountId });
      processes.push(child);
      return origin;
    },
    async secondNode({ redisUrl } = {}) {
      const node = await build(
        redisUrl === undefined ? config : { ...config, redis: { ...config.redis, url: redisUrl } },
      );
      nodes.push(node);
      const origin = await node.http.listen({ host: '127.0.0.1', port: 0 });
      return { app: node, origin };
    },
    async close() {
      await Promise.all([app, ...nodes].map((node) => node.close()));
      await Promise.all(processes.map(endProcess));
      await database.drop();
    },
  };
}

async function startProcess(given: object): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'protocol-node.ts'), JSON.stringify(given)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(() => Promise.reject(new Error('the second process died')));
  const [said]: { origin?: string }[] = await Promise.race([once(child, 'message'), died]);
  died.catch(() => {});
  return { child, origin: said?.origin ?? '' };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

async function makeAccount({ house }: App, email: string): Promise<string> {
  const password = await house.accounts.hashPassword(PASSWORD);
  const made = await house.db.transaction((tx) =>
    house.accounts.create(tx, { email, language: 'en', name: 'Ffion Ap Rhys', password }, { actor: 'citizen' }),
  );
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.accountId;
}

async function registrar({ house }: App): Promise<ProtocolApp['register']> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'rp-key', alg: 'ES256', use: 'sig' };
  const department = { departmentId: 'test-department', name: { en: 'Department of Tests' } };
  return async (clientId, given = {}) => {
    const usesSecret = given['authMethod'] === 'client_secret_post';
    const metadata = {
      name: { en: clientId },
      redirectUris: [REDIRECT],
      postLogoutRedirectUris: [SIGNED_OUT],
      scopes: ['openid', 'email', 'offline_access'],
      claims: ['email'],
      refreshTokens: true,
      authMethod: 'private_key_jwt',
      ...(usesSecret ? {} : { jwks: { keys: [jwk] } }),
      ...given,
    };
    const done = await house.relyingParties.submit({ clientId, department, metadata }, { actor: 'operator:test' });
    if (done.outcome === 'refused') throw new Error(JSON.stringify(done.problems));
    const secret = done.outcome === 'published' ? done.secret : undefined;
    const redirectUri = metadata.redirectUris[0] ?? REDIRECT;
    return {
      clientId,
      redirectUri,
      ...(usesSecret ? {} : { privateKey }),
      ...(secret === undefined ? {} : { secret }),
    };
  };
}

async function registerClients(register: ProtocolApp['register']): Promise<ProtocolApp['clients']> {
  const jwt = await register('rp-jwt', { name: { en: 'Rod licence' }, sector: 'rp.example' });
  const secret = await register('rp-secret', {
    name: { en: 'Juggling licence' },
    authMethod: 'client_secret_post',
    idTokenAlg: 'RS256',
    sector: 'other.example',
  });
  return { jwt, secret };
}
