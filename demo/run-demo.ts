import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/platform/config/load-config.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { createLogger } from '../src/platform/telemetry/create-logger.ts';
import { createLineWriter } from '../src/platform/telemetry/line-stream.ts';
import { asEnvironment, keepDemoSecrets } from './estate/methods/demo-secrets.ts';
import { inviteStaff } from './estate/demo-operators.ts';
import { freePortNear } from './ports.ts';
import { seedEstate } from './seed-estate.ts';
import { oldMethods } from './services/old-methods.ts';
import { registerService } from './services/register-service.ts';
import { rentHelp } from './services/rent-help.ts';
import type { RunningService } from './services/service-setting.ts';
import { startService } from './services/start-service.ts';
import { studentLoan } from './services/student-loan.ts';
import { startRunWorker } from './start-run-worker.ts';
import { welcome } from './welcome.ts';

export interface DemoOptions {
  /** Where data, logs and the demo services' keys are kept. */
  readonly home: string;
  /** The provider's port as it was asked for; the services take the next two. */
  readonly port: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Told what to end, in the order it began. */
  readonly onStarted: (end: () => Promise<unknown>) => void;
}

/** Everything that `npm start` does, in order. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { home, say, onStarted } = options;
  const wanted = wantedPort(options);
  const opened = Promise.withResolvers<unknown>();
  const [secrets, postgresUrl, port, ...services] = await Promise.all([
    keepDemoSecrets(join(home, 'demo')),
    postgres(options),
    freePortNear(wanted),
    startService(rentHelp, wanted + 1),
    startService(studentLoan, wanted + 2),
    startService(
      oldMethods(() => opened.promise),
      wanted + 3,
    ),
  ]);
  for (const service of services) onStarted(() => service.close());
  tellOfOtherPorts(say, [{ name: 'Latchkey', wanted, port }, ...services.map(portsOf(wanted))]);
  const issuer = `http://localhost:${port}`;
  const env = environmentOf(options, { postgresUrl, port, issuer, secrets });
  const config = loadConfig({ env });

  const { applied } = await migrate(postgresUrl);
  if (applied.length > 0) say(`Made the database: ${applied.length} migrations.`);
  const log = createWriteStream(join(home, 'latchkey.log'), { flags: 'a' });
  const app = await buildApp({ config, logger: createLogger(config.log, createLineWriter(log)) });
  onStarted(() => app.close());

  await seedEstate(app.house, { folder: join(home, 'demo'), say });
  const elsewhere = links(issuer, services);
  for (const running of services) {
    const { service, origin } = running;
    const folder = join(home, 'demo');
    const clientAuth = await registerService(app.house.relyingParties, { service, origin, folder });
    running.connect({ issuer, clientAuth, elsewhere });
  }
  await app.http.listen({ host: config.http.host, port: config.http.port });
  app.startJobs();
  const staff = await inviteStaff(app.house);
  say(welcome({ issuer, services, staff, seconds: performance.now() / 1000 }));
  // Everything answers by now; the old systems of the methods come up behind it.
  const { openMethods } = await import('./estate/methods/open-methods.ts');
  const methods = openMethods(app.house, { secrets, issuer, folder: join(home, 'demo') });
  opened.resolve(methods);
  const { stop } = await methods;
  onStarted(stop);
  onStarted(startRunWorker(env, log));
}

interface PortTaken {
  readonly name: string;
  readonly wanted: number;
  readonly port: number;
}

function portsOf(first: number): (running: RunningService, index: number) => PortTaken {
  return ({ service, origin }, index) => ({
    name: service.name.en,
    wanted: first + 1 + index,
    port: Number(new URL(origin).port),
  });
}

function tellOfOtherPorts(say: DemoOptions['say'], ports: readonly PortTaken[]): void {
  for (const { name, wanted, port } of ports) {
    if (port !== wanted) say(`Port ${wanted} is in use by another program: "${name}" takes ${port}.`);
  }
}

function wantedPort(options: DemoOptions): number {
  const port = Number(options.port ?? options.env['PORT'] ?? 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_000) throw new Error('--port must be a number from 1 to 65000');
  return port;
}

async function postgres({ env, home, say, onStarted }: DemoOptions): Promise<string> {
  const given = env['LATCHKEY_POSTGRES_URL'] || env['DATABASE_URL'];
  if (given) return given;
  const { startPostgres } = await import('../scripts/postgres/embedded-postgres.ts');
  const began = performance.now();
  const running = await startPostgres({ dataDir: join(home, 'postgres'), durable: true });
  onStarted(running.stop);
  const seconds = (performance.now() - began) / 1000;
  if (seconds > 1) say(`Started Postgres (${seconds.toFixed(1)} s).`);
  return running.url;
}

interface Started {
  readonly postgresUrl: string;
  readonly port: number;
  readonly issuer: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Of this process and of the worker beside it. */
function environmentOf(
  { env, home }: DemoOptions,
  { postgresUrl, port, issuer, secrets }: Started,
): Readonly<Record<string, string | undefined>> {
  const { PORT: _, ...others } = env;
  return {
    ...others,
    ...asEnvironment(secrets),
    LATCHKEY_OLD_SYSTEMS_ALLOW: '127.0.0.1:*',
    LATCHKEY_ENVIRONMENT: 'development',
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_HTTP_PORT: String(port),
    LATCHKEY_POSTGRES_URL: postgresUrl,
    LATCHKEY_RUNS_FOLDER: join(home, 'runs'),
  };
}

function links(issuer: string, services: readonly RunningService[]): { label: string; href: string }[] {
  return [
    ...services.map(({ service, origin }) => ({ label: service.name.en, href: `${origin}/` })),
    { label: 'Your Latchkey account', href: `${issuer}/account` },
    { label: 'Inbox for codes', href: `${issuer}/dev/inbox` },
  ];
}
