import type { FastifyInstance } from 'fastify';
import { NOT_FOUND, replyWithFailure } from '../platform/http/reply-with-failure.ts';
import type { JourneyDeps } from './journey-deps.ts';

const HOUR = 3600;

/**
 * The logos of services, from our own origin: a picture on a sign-in page that came from elsewhere would tell that server
 * who signs in, and when (D18). It is answered with the closed policy of everything that is no page, so an SVG stays inert.
 */
export function serviceLogoRoute(app: FastifyInstance, { relyingParties }: Pick<JourneyDeps, 'relyingParties'>): void {
  app.get<{ Params: { clientId: string } }>('/service-logos/:clientId', async (request, reply) => {
    const logo = await relyingParties.logo(request.params.clientId);
    if (!logo) return replyWithFailure(request, reply, NOT_FOUND);
    return reply.header('cache-control', `public, max-age=${HOUR}`).type(logo.type).send(logo.body);
  });
}
