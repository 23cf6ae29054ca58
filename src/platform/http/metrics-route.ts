import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config-schema.ts';
import type { Metrics } from '../telemetry/create-metrics.ts';
import { NOT_FOUND, replyWithFailure } from './reply-with-failure.ts';

/** `/metrics` for Prometheus. To everybody who may not read it, there is no such page. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics, config: Config['http']): void {
  addInsideRoute(app, config, {
    path: '/metrics',
    answer: async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()),
  });
}

export interface InsideRoute {
  readonly path: string;
  readonly answer: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** Something for those who run this: from this machine, or with the token. To everybody else there is no such page. */
export function addInsideRoute(app: FastifyInstance, config: Config['http'], { path, answer }: InsideRoute): void {
  const isAllowed = config.metricsToken === undefined ? loopbackOnly(config.trustProxy) : bearer(config.metricsToken);
  app.get(path, async (request, reply) => {
    if (!isAllowed(request)) return replyWithFailure(request, reply, NOT_FOUND);
    return answer(request, reply.header('cache-control', 'no-store'));
  });
}

function bearer(token: string): (request: FastifyRequest) => boolean {
  const expected = digest(`Bearer ${token}`);
  return (request) => timingSafeEqual(digest(request.headers.authorization ?? ''), expected);
}

/** Behind a proxy on the same machine everybody comes from loopback: then only a token opens. */
function loopbackOnly(trustProxy: boolean): (request: FastifyRequest) => boolean {
  return (request) => {
    const { remoteAddress } = request.raw.socket;
    const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined;
    if (trustProxy || isForwarded || remoteAddress === undefined) return false;
    return remoteAddress === '::1' || remoteAddress.startsWith('127.') || remoteAddress.startsWith('::ffff:127.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
