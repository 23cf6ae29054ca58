import type { FastifyInstance } from 'fastify';
import { generateKeyPair, exportJWK, type CryptoKey } from 'jose';
import { type App, buildApp } from '../../src/app.ts';
import type { RedisStore } from '../../src/platform/redis/redis-client.ts';
import { testConfig } from './config.ts';
import { freePort } from './free-port.ts';
import { testDatabase } from './postgres.ts';

export interface ProtocolApp {
  readonly app: App;
  readonly issuer: string;
  readonly databaseUrl: string;
  /** The account that the stand-in for the citizens' pages signs in. */
  readonly accountId: string;
  readonly clients: { readonly jwt: TestClient; readonly secret: TestClient };
  /** Another process's worth of provider over the same stores, at its own port but the same issuer. */
  secondNode(): Promise<{ app: App; origin: string }>;
  close(): Promise<void>;
}

export interface TestClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly privateKey?: CryptoKey;
  readonly secret?: string;
}

export const REDIRECT = 'https://rp.example/callback';
const PASSWORD = 'a password that nobody types';

/** The real application with everything but the citizens' pages: a stand-in signs in one account at once. */
export async function protocolApp(
  options: { redisUrl?: string; onRedis?: (redis: RedisStore) => void } = {},
): Promise<ProtocolApp> {
  const database = await testDatabase();
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const config = testConfig({
    issuer,
    http: { port },
    postgres: { url: database.url },
    redis: options.redisUrl === undefined ? {} : { url: options.redisUrl, timeoutMs: 1000 },
  });
  let accountId = '';
  const build = (): Promise<App> =>
    buildApp({
      config,
      logger: false,
      citizensDoor:
        ({ port: interactionPort }) =>
        async (scope: FastifyInstance) => {
          scope.get('/sign-in/:uid', async (request, reply) => {
            const interaction = await interactionPort.load(request, reply);
            if (!interaction) return reply.errorPage('expired');
            const next = await interactionPort.finish(request, reply, { accountId, amr: ['pwd'], level: 'Cl' });
            return reply.redirect(next, 303);
          });
        },
    });

  const app = await build();
  accountId = await makeAccount(app);
  const clients = await registerClients(app);
  await app.http.listen({ host: '127.0.0.1', port });
  const nodes: App[] = [];
  return {
    app,
    issuer,
    databaseUrl: database.url,
    accountId,
    clients,
    async secondNode() {
      const node = await build();
      nodes.push(node);
      const origin = await node.http.listen({ host: '127.0.0.1', port: 0 });
      return { app: node, origin };
    },
    async close() {
      await Promise.all([app, ...nodes].map((node) => node.close()));
      await database.drop();
    },
  };
}

async function makeAccount({ house }: App): Promise<string> {
  const password = await house.accounts.hashPassword(PASSWORD);
  const made = await house.db.transaction((tx) =>
    house.accounts.create(
      tx,
      { email: 'citizen@example.org', language: 'en', name: 'Ffion Ap Rhys', password },
      { actor: 'citizen' },
    ),
  );
  return made.accountId;
}

async function registerClients({ house }: App): Promise<ProtocolApp['clients']> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const department = { departmentId: 'test-department', name: { en: 'Department of Tests' } };
  const common = {
    redirectUris: [REDIRECT],
    postLogoutRedirectUris: ['https://rp.example/bye'],
    scopes: ['openid', 'email', 'offline_access'],
    claims: ['email'],
    refreshTokens: true,
  };
  const submit = async (clientId: string, metadata: object): Promise<string | undefined> => {
    const done = await house.relyingParties.submit(
      { clientId, department, metadata: { ...common, ...metadata } },
      { actor: 'operator:test' },
    );
    if (done.outcome === 'refused') throw new Error(JSON.stringify(done.problems));
    return done.outcome === 'published' ? done.secret : undefined;
  };
  const jwk = { ...(await exportJWK(publicKey)), kid: 'rp-key', alg: 'ES256', use: 'sig' };
  await submit('rp-jwt', {
    name: { en: 'Rod licence' },
    authMethod: 'private_key_jwt',
    jwks: { keys: [jwk] },
    sector: 'rp.example',
  });
  const secret = await submit('rp-secret', {
    name: { en: 'Juggling licence' },
    authMethod: 'client_secret_post',
    idTokenAlg: 'RS256',
    sector: 'other.example',
  });
  return {
    jwt: { clientId: 'rp-jwt', redirectUri: REDIRECT, privateKey },
    secret: { clientId: 'rp-secret', redirectUri: REDIRECT, ...(secret === undefined ? {} : { secret }) },
  };
}
