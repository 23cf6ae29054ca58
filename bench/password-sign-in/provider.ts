import { buildApp } from '../../src/app.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { createMetrics } from '../../src/platform/telemetry/create-metrics.ts';
import { benchConfig } from '../bench-config.ts';
import { CLIENT_ID, type Given, PASSWORD, PEOPLE, REDIRECT, type Report } from './contract.ts';

// The whole provider, citizens' pages and all, with Postgres alone: what a sign-in with a password costs at most.
const given: Given = JSON.parse(process.argv[2] ?? '{}');
const issuer = `http://localhost:${given.port}`;
const app = await buildApp({
  config: benchConfig({
    issuer,
    http: { port: given.port },
    log: { level: 'info' },
    postgres: { url: given.databaseUrl },
  }),
  logger: createLogger({ level: 'info' }),
  metrics: createMetrics({ ofProcess: true }),
});
const { accounts, db, relyingParties, passwordWork } = app.house;

for (let person = 0; person < PEOPLE; person += 1) {
  const password = await accounts.hashPassword(PASSWORD);
  const account = { email: `person${person}@example.org`, language: 'en', password } as const;
  await db.transaction((tx) => accounts.create(tx, account, { actor: 'citizen' }));
}
await relyingParties.submit(
  {
    clientId: CLIENT_ID,
    department: { departmentId: 'bench', name: { en: 'Bench' } },
    metadata: {
      name: { en: 'Bench' },
      redirectUris: [REDIRECT],
      jwks: { keys: [given.publicJwk] },
      sector: 'bench.example',
    },
  },
  { actor: 'operator:bench' },
);
await app.http.listen({ host: '127.0.0.1', port: given.port });

let before = process.cpuUsage();
const cpuMs = (): number => {
  const used = process.cpuUsage(before);
  before = process.cpuUsage();
  return (used.user + used.system) / 1000;
};

process.on('message', (ask: { hashes?: number }) => void answer(ask));
process.once('disconnect', () => process.exit(0));
send({ cpuMs: 0 });

async function answer({ hashes = 0 }: { hashes?: number }): Promise<void> {
  if (hashes > 0) {
    const encoded = await passwordWork.hash(PASSWORD);
    cpuMs();
    for (let count = 0; count < hashes; count += 1) await passwordWork.verify(encoded, PASSWORD);
  }
  send({ cpuMs: cpuMs() });
}

function send(report: Report): void {
  process.send?.(report);
}
