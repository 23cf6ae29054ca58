import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveProvider } from './live-provider.ts';
import { ROUTES } from './routes.ts';

const WELL_KNOWN = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

const PATHS = [
  ...Object.values(ROUTES),
  ...WELL_KNOWN,
  `${ROUTES.authorization}/:uid`,
  `${ROUTES.end_session}/confirm`,
  `${ROUTES.end_session}/success`,
];

interface MountOptions {
  readonly live: LiveProvider;
  readonly issuer: string;
}

/**
 * The services' door: hands the raw request and response to the protocol library. Fastify's hooks (headers, limits,
 * metrics) have run by then; its body parsers have not, because the library reads bodies itself.
 */
export async function mountProvider(scope: FastifyInstance, { live, issuer }: MountOptions): Promise<void> {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const { host, protocol } = new URL(issuer);

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    // Endpoint addresses, accepted assertion audiences and Secure cookies come from these: they are the issuer's, always.
    request.raw.headers.host = host;
    request.raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    reply.hijack();
    await live.handle(request.raw, reply.raw);
  };
  for (const url of PATHS) scope.route({ method: ['GET', 'POST', 'OPTIONS'], url, handler: handle });

  scope.get('/trustmark', async (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=3600');
    return { idp: issuer, trustmark_provider: issuer, C: ['Cl'], P: ['P0'] };
  });
}
