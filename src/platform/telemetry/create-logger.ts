import type { FastifyServerOptions } from 'fastify';
import type { Config } from '../config/config-schema.ts';
import { createLineWriter, type LineStream } from './line-stream.ts';
import { redact, redactMessage, serialiseError } from './redact.ts';

export type LoggerOptions = Exclude<FastifyServerOptions['logger'], boolean | undefined>;

/**
 * Options for Fastify's logger (pino): JSON lines with UTC times. Nothing that came from a person is written: fields with
 * telling names are blanked, e-mail addresses and tokens are taken out of texts, requests and responses are never logged
 * as objects. JSON escapes line breaks, so no value can start a line of its own.
 */
export function createLogger(config: Config['log'], stream: LineStream = createLineWriter()): LoggerOptions {
  return {
    level: config.level,
    stream,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label) => ({ level: label }),
      log: redact,
    },
    hooks: {
      logMethod(inputs, method) {
        method.apply(this, redactMessage(inputs));
      },
    },
    serializers: {
      err: (error) => serialiseError(error),
      error: (error) => serialiseError(error),
      req: () => ({}),
      res: () => ({}),
    },
  };
}
