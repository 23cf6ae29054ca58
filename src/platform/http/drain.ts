import type { FastifyInstance } from 'fastify';

const IDLE_SWEEP_MS = 50;

/**
 * Closing lets requests finish: no new connections, `Connection: close` on what is still answered, idle connections
 * dropped as they become idle, and after `seconds` the rest is cut.
 */
export function drainOnClose(app: FastifyInstance, seconds: number): { readonly isDraining: () => boolean } {
  let draining = false;
  let sweep: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;

  app.addHook('preClose', (done) => {
    draining = true;
    sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
    deadline = setTimeout(() => {
      app.log.warn('drain time is over: cutting the connections that are left');
      app.server.closeAllConnections();
    }, seconds * 1000);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) void reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onClose', (_instance, done) => {
    clearInterval(sweep);
    clearTimeout(deadline);
    done();
  });
  return { isDraining: () => draining };
}
