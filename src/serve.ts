import { buildApp, type App } from './app.ts';
import type { Config } from './platform/config/config-schema.ts';
import { loadConfig } from './platform/config/load-config.ts';
import { pendingMigrations } from './platform/postgres/migrate.ts';
import { createLogger } from './platform/telemetry/create-logger.ts';
import { createMetrics } from './platform/telemetry/create-metrics.ts';

export interface Served {
  readonly app: App;
  readonly address: string;
}

/**
 * Starts the provider: builds the application, listens, begins the repeating work. SIGTERM and SIGINT drain and end it.
 * @throws Error when the configuration is wrong, Postgres is away, or migrations are missing.
 */
export async function serve(config: Config = loadConfig()): Promise<Served> {
  const app = await buildApp({ config, logger: createLogger(config.log), metrics: createMetrics({ ofProcess: true }) });
  const pending = await pendingMigrations(app.house.db);
  if (pending.length > 0) {
    await app.close();
    throw new Error(`the database lacks migrations: ${pending.join(', ')}. Run: latchkey migrate`);
  }
  const { host, port } = config.http;
  const address = await app.http.listen({ host, port });
  app.startJobs();
  drainOnSignal(app);
  return { app, address };
}

function drainOnSignal(app: App): void {
  let isClosing = false;
  const drain = (): void => {
    if (isClosing) return;
    isClosing = true;
    void app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        app.http.log.error({ err: error }, 'did not drain cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', drain);
  process.once('SIGINT', drain);
}
