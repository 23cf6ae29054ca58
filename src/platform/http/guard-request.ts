import type { onRequestHookHandler } from 'fastify';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { replyWithFailure, WRONG_HOST } from './reply-with-failure.ts';
import { type Headers, setHeaders } from './security-headers.ts';

const MAX_URL_LENGTH = 8192;

export interface GuardOptions {
  readonly issuer: string;
  readonly headers: Headers;
}

/**
 * Runs first on every request. Sets the headers on the raw response, so that hijacked routes have them, and answers
 * only under the issuer's host: the protocol library builds addresses from the Host header (stack.md 3.3.2).
 */
export function guardRequest({ issuer, headers }: GuardOptions): onRequestHookHandler {
  const { host, port, protocol } = new URL(issuer);
  const withPort = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;

  return (request, reply, done) => {
    const { raw } = request;
    setHeaders(reply.raw, headers);
    reply.raw.setHeader('x-request-id', request.id);
    // Koa believes this header before Host when it trusts a proxy; nobody here needs it.
    if (raw.headers['x-forwarded-host'] !== undefined) delete raw.headers['x-forwarded-host'];

    const asked = raw.headers.host;
    if (asked !== host && asked !== withPort && !isProbe(request.routeOptions.url)) {
      void replyWithFailure(request, reply, WRONG_HOST);
    } else if (raw.url !== undefined && raw.url.length > MAX_URL_LENGTH) {
      done(new LatchkeyError('input_invalid', 'The address is too long.'));
    } else {
      done();
    }
  };
}

/** Load balancers and collectors ask by address, not by name. */
const isProbe = (route: string | undefined): boolean => route !== undefined && PROBES.has(route);
const PROBES: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/health/sources', '/metrics']);
