import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import Fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { Config } from '../config/config-schema.ts';
import { createKeyRing } from '../crypto/key-ring.ts';
import type { Pages } from '../pages/create-pages.ts';
import type { Queryable } from '../postgres/database.ts';
import type { Metrics } from '../telemetry/create-metrics.ts';
import { answerBadUrl, answerClientError } from './answer-broken-request.ts';
import { addAssetRoutes } from './asset-routes.ts';
import { addCspReports } from './csp-reports.ts';
import { drainOnClose } from './drain.ts';
import { guardRequest } from './guard-request.ts';
import { addHealthRoutes } from './health-routes.ts';
import { limitBodyTime } from './limit-body-time.ts';
import { mapErrors } from './map-errors.ts';
import { addMetricsRoute } from './metrics-route.ts';
import { decorateWithPages } from './page-replies.ts';
import { recordRequest, rememberPseudonyms } from './record-request.ts';
import { type Headers, securityHeaders } from './security-headers.ts';

export interface HttpOptions {
  readonly config: Pick<Config, 'issuer' | 'http' | 'secrets'>;
  readonly logger: FastifyServerOptions['logger'];
  readonly metrics: Metrics;
  readonly db: Queryable;
  readonly redisReady?: () => boolean | Promise<boolean>;
  readonly pages: Pages;
}

/** Sizes and times past which a request is refused (G14). */
const LIMITS = {
  bodyBytes: 64 * 1024,
  headerBytes: 16 * 1024,
  requestMs: 15_000,
  headersMs: 10_000,
  idleMs: 30_000,
  // Above the 60 s that load balancers keep a connection, so that it is they who close it.
  keepAliveMs: 65_000,
  sweepMs: 1000,
} as const;

/**
 * The HTTP server without any route of a domain. What runs on a request, in this order: `guardRequest` (headers, host,
 * size), the scope's own hooks (`openPagesScope`), the route, `recordRequest`. Bodies are parsed in no scope but those
 * that say so.
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { config, metrics, pages } = options;
  const secure = config.issuer.startsWith('https:');
  const headers = securityHeaders({ secure });

  const app = Fastify(serverOptions(options, headers));
  app.removeAllContentTypeParsers();
  decorateWithPages(app, pages, { secure });

  app.addHook('onRequest', guardRequest({ issuer: config.issuer, headers }));
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    done(null, payload);
  });
  limitBodyTime(app, LIMITS.requestMs);
  const keyRing = createKeyRing(config.secrets);
  const pseudonym = rememberPseudonyms((address) =>
    keyRing.lookupKey('log-address', address).subarray(0, 6).toString('base64url'),
  );
  app.addHook('onResponse', recordRequest(metrics, pseudonym));

  mapErrors(app);
  const { isDraining } = drainOnClose(app, config.http.drainSeconds);
  addHealthRoutes(app, { db: options.db, redisReady: options.redisReady, isDraining });
  addMetricsRoute(app, metrics, config.http);
  addAssetRoutes(app, pages.assets);
  await addCspReports(app, metrics);
  return app;
}

function serverOptions({ config, logger, pages }: HttpOptions, headers: Headers): FastifyHttpOptions<Server> {
  return {
    logger,
    // `recordRequest` writes the one line of a request.
    logController: new LogController({ disableRequestLogging: true }),
    // One hop: the last address of X-Forwarded-For is our proxy's word, those before it are anybody's (G13).
    trustProxy: config.http.trustProxy && ((_address, hop) => hop === 0),
    requestIdHeader: false,
    genReqId: createReferences(),
    bodyLimit: LIMITS.bodyBytes,
    // By `limitBodyTime`, which knows routes.
    requestTimeout: 0,
    connectionTimeout: LIMITS.idleMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    return503OnClosing: false,
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      connectionsCheckingInterval: LIMITS.sweepMs,
    },
    // G16: schemas are checked inside routes, by TypeBox. Fastify's own way (Ajv) would repair, and costs 20 ms of each start.
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    clientErrorHandler: answerClientError(headers),
    frameworkErrors: answerBadUrl(pages, headers),
  };
}

/** Fastify asks for a compiler only when a route has a schema. */
function refuseSchemas(): never {
  throw new Error('a route has a schema of Fastify: check with TypeBox in the route');
}

/** References people can read out: a random part for this process, and a counter. Cheaper than a UUID per request. */
function createReferences(): () => string {
  const process = randomBytes(5).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${process}-${count.toString(36)}`;
  };
}
