import type { FastifyRequest } from 'fastify';
import type { AccessDeps } from './access-deps.ts';
import type { Operator } from './operator.ts';
import type { Needs } from './permissions.ts';

/** Somebody known wanted what their roles do not allow: nothing changed, and it is written down (L17). */
export function recordRefusal(
  { auditBatch, now }: Pick<AccessDeps, 'auditBatch' | 'now'>,
  { actor, via }: Operator,
  needs: Needs,
  request: FastifyRequest,
): void {
  auditBatch.record({
    type: 'operator.refused',
    actor,
    correlationId: request.id,
    detail: { needs, via, route: `${request.method} ${request.routeOptions.url ?? ''}` },
    at: now(),
  });
}
