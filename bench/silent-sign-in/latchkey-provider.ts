import { buildApp } from '../../src/app.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { createMetrics } from '../../src/platform/telemetry/create-metrics.ts';
import { benchConfig } from '../bench-config.ts';
import { CLIENT_ID, readGiven, REDIRECT, report } from './contender.ts';
import { createWaitCounter } from './count-waits.ts';

// Contender (b): Latchkey on Redis with everything on: headers, audit, metrics, logging, pairwise `sub`.
const { port, redisUrl, databaseUrl, publicJwk } = readGiven();
const issuer = `http://localhost:${port}`;
const waits = createWaitCounter();
let postgresQueries = 0;
let accountId = '';

const metrics = createMetrics({ ofProcess: true });
const storeCommand = metrics.storeCommand.bind(metrics);
metrics.storeCommand = (store, command) => {
  waits.sent();
  storeCommand(store, command);
};

const app = await buildApp({
  config: benchConfig({
    issuer,
    http: { port },
    log: { level: 'info' },
    // Counted as ever, but never reached: one service alone makes all the load here.
    services: { quota: { perSecond: 1_000_000, burst: 1_000_000 } },
    postgres: { url: databaseUrl },
    redis: { url: redisUrl, timeoutMs: 1000 },
  }),
  logger: createLogger({ level: 'info' }),
  metrics,
  citizensDoor:
    ({ port: door }) =>
    async (scope) => {
      scope.get('/sign-in/:uid', async (request, reply) =>
        reply.redirect(await door.finish(request, reply, { accountId, amr: ['pwd'], level: 'Cl' }), 303),
      );
    },
});
const { house } = app;
accountId = await makeAccount();
await house.relyingParties.submit(
  {
    clientId: CLIENT_ID,
    department: { departmentId: 'bench', name: { en: 'Bench' } },
    metadata: { name: { en: 'Bench' }, redirectUris: [REDIRECT], jwks: { keys: [publicJwk] }, sector: 'bench.example' },
  },
  { actor: 'operator:bench' },
);

// Every statement is counted; those of a request also as a wait. The audit batch and the polls run beside requests.
const query = house.db.query.bind(house.db);
Object.assign(house.db, {
  query: (statement: { name?: string; text: string; values?: unknown[] }) => {
    postgresQueries += 1;
    if (statement.name !== 'epoch-read') waits.sent();
    return query(statement);
  },
});
const transaction = house.db.transaction.bind(house.db);
Object.assign(house.db, {
  transaction: (work: Parameters<typeof transaction>[0]) => {
    postgresQueries += 1;
    return transaction(work);
  },
});

await app.http.listen({ host: '127.0.0.1', port });
app.startJobs();
report(issuer, () => {
  const taken = { waits: waits.take(), postgresQueries };
  postgresQueries = 0;
  return taken;
});

async function makeAccount(): Promise<string> {
  const password = await house.accounts.hashPassword('a password for the benchmark');
  const account = { email: 'bench@example.org', language: 'en', password } as const;
  return (await house.db.transaction((tx) => house.accounts.create(tx, account, { actor: 'citizen' }))).accountId;
}
