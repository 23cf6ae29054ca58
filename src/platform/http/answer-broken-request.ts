import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Pages } from '../pages/create-pages.ts';
import { pickLanguage } from '../pages/pick-language.ts';
import { pagePolicy } from './content-security-policy.ts';
import { problemJson } from './reply-with-failure.ts';
import { type Headers, setHeaders } from './security-headers.ts';

/** Answers what is not HTTP enough to become a request: too large headers (431), too slow (408), malformed (400). */
export function answerClientError(headers: Headers): (error: Error & { code?: string }, socket: Socket) => void {
  const fixed = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [status, reason] = statusOf(error.code);
    const body = problemJson({ status, code: 'input_invalid', message: reason }, 'none');
    const length = Buffer.byteLength(body);
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\n${fixed}cache-control: no-store\r\nconnection: close\r\n` +
        `content-type: application/problem+json\r\ncontent-length: ${length}\r\n\r\n${body}`,
    );
  };
}

function statusOf(code: string | undefined): [number, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'Request Header Fields Too Large'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'Request Timeout'];
  return [400, 'Bad Request'];
}

/** Answers an address that cannot be decoded: Fastify has no route, no hooks and none of our decorators for it. */
export function answerBadUrl(
  pages: Pages,
  headers: Headers,
): (error: Error, request: FastifyRequest, reply: FastifyReply) => void {
  return (_error, request, reply) => {
    setHeaders(reply.raw, headers);
    void reply.code(400).header('cache-control', 'no-store');
    if (request.headers.accept?.includes('text/html') !== true) {
      const body = problemJson(
        { status: 400, code: 'input_invalid', message: 'The address is malformed.' },
        request.id,
      );
      void reply.type('application/problem+json').send(body);
      return;
    }
    const nonce = randomBytes(16).toString('base64url');
    const language = pickLanguage({
      switched: undefined,
      remembered: undefined,
      uiLocales: undefined,
      acceptLanguage: request.headers['accept-language'],
    });
    void reply
      .header('content-security-policy', pagePolicy({ nonce, formAction: [] }))
      .type('text/html; charset=utf-8')
      .send(pages.render('error.njk', { language, nonce, kind: 'badRequest', reference: request.id }));
  };
}
