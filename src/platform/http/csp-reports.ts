import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../telemetry/create-metrics.ts';

const DIRECTIVE = /"(?:effective-directive|effectiveDirective|violated-directive)"\s*:\s*"([a-z-]{3,30})/;
const MAX_BYTES = 16 * 1024;
const KNOWN = new Set(
  'base-uri connect-src default-src font-src form-action frame-ancestors frame-src img-src manifest-src media-src object-src script-src script-src-attr script-src-elem style-src style-src-attr style-src-elem worker-src'.split(
    ' ',
  ),
);

/** Takes the browsers' policy reports (C9). Only the directive is kept: the rest are addresses, and anybody can send one. */
export async function addCspReports(app: FastifyInstance, metrics: Metrics): Promise<void> {
  await app.register((scope, _options, done) => {
    const types = ['application/csp-report', 'application/reports+json', 'application/json'];
    scope.addContentTypeParser(types, { parseAs: 'string', bodyLimit: MAX_BYTES }, (_request, body, parsed) => {
      parsed(null, body.toString());
    });
    scope.post('/csp-reports', (request, reply) => {
      const found = typeof request.body === 'string' ? DIRECTIVE.exec(request.body)?.[1] : undefined;
      const directive = found !== undefined && KNOWN.has(found) ? found : 'other';
      metrics.cspReport(directive);
      request.log.warn({ directive }, 'a browser refused something by policy');
      return reply.code(204).send();
    });
    done();
  });
}
