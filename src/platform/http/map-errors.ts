import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { failureOf, NOT_FOUND, problemJson, replyWithFailure } from './reply-with-failure.ts';

/** Every error of every route ends here, once (design, rule 18). */
export function mapErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    if (failure.status >= 500) {
      const level = error instanceof LatchkeyError && error.code === 'busy' ? 'warn' : 'error';
      request.log[level]({ err: error, route: request.routeOptions.url }, 'request failed');
    }
    return safely(request, reply, () => replyWithFailure(request, reply, failure));
  });
  app.setNotFoundHandler((request, reply) => replyWithFailure(request, reply, NOT_FOUND));
}

/** When even the error page cannot be made, Fastify's fallback would tell why: plain words instead (D23). */
function safely(request: FastifyRequest, reply: FastifyReply, send: () => FastifyReply): FastifyReply {
  try {
    return send();
  } catch (error) {
    request.log.error({ err: error }, 'the error page failed');
    const failure = failureOf(error);
    return reply.code(500).type('application/problem+json').send(problemJson(failure, request.id));
  }
}
