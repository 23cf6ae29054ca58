import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { LatchkeyError } from '../../src/platform/failure/latchkey-error.ts';
import { createHttp, type HttpOptions } from '../../src/platform/http/create-http.ts';
import { openPagesScope } from '../../src/platform/http/open-pages-scope.ts';
import { createPages } from '../../src/platform/pages/create-pages.ts';
import type { Queryable } from '../../src/platform/postgres/database.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { createMetrics, type Metrics } from '../../src/platform/telemetry/create-metrics.ts';
import { throwOnPersonalData } from '../../src/platform/telemetry/line-stream.ts';
import { testConfig } from './config.ts';

export const ISSUER = 'https://id.example';
export const pages = createPages({ folders: [] });
/** Headers of a browser, and of a program, that ask under the right host. */
export const html = { accept: 'text/html', host: 'id.example' };
export const json = { accept: 'application/json', host: 'id.example' };

const noDatabase: Queryable = {
  query: () => Promise.reject(new Error('no database in this test')),
};

export interface HttpSetting {
  readonly issuer?: string;
  readonly http?: Partial<HttpOptions['config']['http']>;
  readonly db?: Queryable;
  readonly redisReady?: () => boolean;
  readonly routes?: (app: FastifyInstance) => void;
}

export interface HttpApp {
  readonly app: FastifyInstance;
  readonly log: ReturnType<typeof throwOnPersonalData>;
  readonly metrics: Metrics;
}

/** The server alone, with a few routes to try it on; closed when the test ends. Its log fails on personal data. */
export async function httpApp(setting: HttpSetting = {}): Promise<HttpApp> {
  const issuer = setting.issuer ?? ISSUER;
  const log = throwOnPersonalData();
  const metrics = createMetrics();
  const app = await createHttp({
    config: testConfig({ issuer, http: setting.http ?? {} }),
    logger: createLogger({ level: 'info' }, log),
    metrics,
    db: setting.db ?? noDatabase,
    ...(setting.redisReady && { redisReady: setting.redisReady }),
    pages,
  });
  onTestFinished(() => app.close());
  await app.register((scope, _options, done) => {
    openPagesScope(scope, { issuer });
    addPageRoutes(scope);
    done();
  });
  await app.register((scope, _options, done) => {
    addRawRoute(scope);
    done();
  });
  setting.routes?.(app);
  return { app, log, metrics };
}

function addPageRoutes(scope: FastifyInstance): void {
  scope.get('/page', (_request, reply) => reply.page('error.njk', { kind: 'expired', reference: 'r' }));
  scope.post('/form', (request) => ({ fields: request.body }));
  scope.get('/throws/busy', () => {
    throw new LatchkeyError('busy', 'Busy.', { retryAfter: 2 });
  });
  scope.get('/throws/away', () => {
    throw new LatchkeyError('unavailable', 'Away.', { detail: 'postgres secret-host' });
  });
  scope.get('/throws/bug', () => {
    throw new TypeError('secret-detail of ann@example.org');
  });
}

/** As the protocol library is mounted: raw, in a scope that parses nothing. */
function addRawRoute(scope: FastifyInstance): void {
  scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  scope.all('/raw', (_request, reply) => {
    reply.hijack();
    reply.raw.statusCode = 201;
    reply.raw.end('raw');
  });
}
