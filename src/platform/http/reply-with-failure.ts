import type { FastifyReply, FastifyRequest } from 'fastify';
import { type FailureCode, LatchkeyError } from '../failure/latchkey-error.ts';
import type { ErrorKind } from './page-replies.ts';

/** What leaves the house when a request fails: nothing in it tells what broke inside (D23). */
export interface Failure {
  readonly status: number;
  readonly code: FailureCode | 'internal' | 'not_signed_in' | 'wrong_host';
  readonly message: string;
  readonly retryAfter?: number | undefined;
}

export const NOT_FOUND: Failure = { status: 404, code: 'not_found', message: 'There is nothing at this address.' };
export const WRONG_HOST: Failure = { status: 421, code: 'wrong_host', message: 'This host is not served here.' };
const INTERNAL: Failure = { status: 500, code: 'internal', message: 'Something went wrong on our side.' };
const MALFORMED = 'The request is malformed.';

/** The one place where an error becomes a status and a code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof LatchkeyError) {
    return { status: error.statusCode, code: error.code, message: error.message, retryAfter: error.retryAfter };
  }
  const status = statusOf(error);
  if (status === 404) return NOT_FOUND;
  if (status === 413) return { status, code: 'too_large', message: 'The request is too large.' };
  if (status !== undefined && status >= 400 && status < 500)
    return { status, code: 'input_invalid', message: MALFORMED };
  return INTERNAL;
}

/** Fastify's own errors (unknown media type, body too large, a schema that does not match) carry a status. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 'validation' in error && error.validation !== undefined ? 400 : undefined;
}

/** Sends our page to a browser, and problem JSON (RFC 9457) to everybody else. */
export function replyWithFailure(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  if (request.headers.accept?.includes('text/html') === true) {
    return reply.errorPage(pageOf(failure.status), { status: failure.status, retryAfter: failure.retryAfter });
  }
  if (failure.retryAfter !== undefined) void reply.header('retry-after', failure.retryAfter);
  return reply
    .code(failure.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(problemJson(failure, request.id));
}

export function problemJson(failure: Failure, reference: string): string {
  return JSON.stringify({
    type: 'about:blank',
    title: failure.message,
    status: failure.status,
    code: failure.code,
    reference,
  });
}

const PAGES: Readonly<Record<number, ErrorKind>> = {
  403: 'notAllowed',
  404: 'notFound',
  421: 'wrongHost',
  429: 'tooMany',
  503: 'unavailable',
};

function pageOf(status: number): ErrorKind {
  return PAGES[status] ?? (status >= 500 ? 'failed' : 'badRequest');
}
