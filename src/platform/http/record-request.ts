import type { FastifyRequest, onResponseHookHandler } from 'fastify';
import type { Metrics } from '../telemetry/create-metrics.ts';

/** Fields of the one log line that each request leaves: the pattern of the route, never the address with its values. */
interface RequestLine {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly from: string;
}

/**
 * Counts and logs a request when its response is finished; Fastify calls it on the raw `finish`, so hijacked routes are
 * counted, too. `pseudonym` turns a network address into a short keyed hash.
 */
export function recordRequest(metrics: Metrics, pseudonym: (address: string) => string): onResponseHookHandler {
  return (request, reply, done) => {
    const { method } = request;
    const route = routeOf(request);
    const status = reply.raw.statusCode;
    const ms = reply.elapsedTime;
    metrics.request({ method, route, status, seconds: ms / 1000 });
    if (!isQuiet(route) && request.log.level !== 'silent') {
      const line: RequestLine = { method, route, status, ms: Math.round(ms * 10) / 10, from: pseudonym(request.ip) };
      request.log.info(line, 'request');
    }
    done();
  };
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
}

function isQuiet(route: string): boolean {
  return route.startsWith('/health/') || route === '/metrics' || route.startsWith('/assets/');
}

const REMEMBERED = 1000;

/** Keeps the last hashes: most requests of a minute come from addresses seen in that minute. */
export function rememberPseudonyms(hash: (address: string) => string): (address: string) => string {
  const known = new Map<string, string>();
  return (address) => {
    let name = known.get(address);
    if (name === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      name = hash(address);
      known.set(address, name);
    }
    return name;
  };
}
