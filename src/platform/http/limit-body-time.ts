import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A file comes with it, which takes as long as it takes; a connection that stands still is cut all the same. */
    readonly longBody?: boolean;
  }
}

/**
 * Ends a request whose body has not come within `ms` (G14, slow senders), with 408. Node's own limit knows no routes, and
 * some take files of any size.
 */
export function limitBodyTime(app: FastifyInstance, ms: number): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw, routeOptions } = request;
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
    if ((length !== '0' || encoding !== undefined) && routeOptions.config.longBody !== true) {
      const timer = setTimeout(() => {
        if (!raw.complete) app.server.emit('clientError', tooLate(), raw.socket);
      }, ms);
      raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    }
    done();
  });
}

/** Made when it is needed: the stack of an error costs more than all else here. */
const tooLate = (): Error =>
  Object.assign(new Error('the body did not come in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
