import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { type Failure, failureOf, problemJson } from '../../platform/http/reply-with-failure.ts';
import type { AccessDeps } from './access-deps.ts';
import type { ApiRoute } from './operator-scope.ts';
import type { Operator } from './operator.ts';
import type { Permission } from './permissions.ts';
import { recordRefusal } from './record-refusal.ts';
import { paramsOf } from './visit-operator.ts';
import { whoseToken, whoSignedIn } from './who-asks.ts';

const NOT_SIGNED_IN: Failure = { status: 401, code: 'not_signed_in', message: 'Send a token of an operator.' };
const NOT_ALLOWED: Failure = { status: 403, code: 'not_allowed', message: 'The roles of this token do not allow it.' };
const Nothing = Type.Object({}, { additionalProperties: false });

/** A scope for the API: JSON in, JSON out, problems as RFC 9457 whatever the caller accepts. */
export function openApiScope(app: FastifyInstance): void {
  // G16: `__proto__` and `constructor` in a body are refused, not dropped.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    if (failure.status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return sendProblem(request, reply, failure);
  });
}

export function addApiRoute<Path extends string, Query extends TSchema, Body extends TSchema>(
  app: FastifyInstance,
  deps: AccessDeps,
  { method, path, needs, query, body, answer }: ApiRoute<Path, Query, Body>,
): void {
  app.route({
    method,
    url: path,
    handler: async (request, reply) => {
      const caller = await callerOf(deps, request, needs);
      if ('refused' in caller) return sendProblem(request, reply, caller.refused);
      return answer({
        operator: caller,
        request,
        reply,
        params: paramsOf<Path>(request),
        query: read(query, request.query, 'The query'),
        body: read(body, request.body, 'The body'),
      });
    },
  });
}

/** Who calls, or why they may not. */
export async function callerOf(
  deps: AccessDeps,
  request: FastifyRequest,
  needs: Permission,
): Promise<Operator | { readonly refused: Failure }> {
  const operator = await whoCalls(deps, request);
  if (operator === undefined) return { refused: NOT_SIGNED_IN };
  if (operator.permissions.has(needs)) return operator;
  recordRefusal(deps, operator, needs, request);
  return { refused: NOT_ALLOWED };
}

/** A change wants a token: what a browser sends by itself must not be enough (C11). */
async function whoCalls(deps: AccessDeps, request: FastifyRequest): Promise<Operator | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return whoseToken(deps, authorization);
  return request.method === 'GET' || request.method === 'HEAD' ? whoSignedIn(deps, request) : undefined;
}

function read<Schema extends TSchema>(schema: Schema | undefined, given: unknown, what: string): Static<Schema> {
  const expected: TSchema = schema ?? Nothing;
  const value: unknown = given ?? {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a schema nothing may be given, and nothing is read
  if (Value.Check(expected, value)) return value as Static<Schema>;
  const [first] = Value.Errors(expected, value);
  const where = first?.instancePath.slice(0, 100) || '/';
  throw new LatchkeyError(
    'input_invalid',
    `${what} is not as it must be, at ${where}: ${first?.message ?? 'unknown'}.`,
  );
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  if (failure.status === 401) void reply.header('www-authenticate', 'Bearer realm="operators"');
  if (failure.retryAfter !== undefined) void reply.header('retry-after', failure.retryAfter);
  return reply
    .code(failure.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(problemJson(failure, request.id));
}
