import { connect } from 'node:net';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { answerClientError } from './answer-broken-request.ts';
import { limitBodyTime } from './limit-body-time.ts';

const HEAD = 'HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-type: text/plain\r\n\r\n';

/** The answer to half a body, whose other half comes later or never. */
async function answerTo(port: number, path: string, laterMs?: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST ${path} ${HEAD}ab`);
  if (laterMs !== undefined) setTimeout(() => socket.write('cd'), laterMs);
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.destroy();
  return answer;
}

it('G14: ends a request whose body stands still, and lets a route that takes files wait for it', async () => {
  const app = Fastify({ requestTimeout: 0, clientErrorHandler: answerClientError([]) });
  limitBodyTime(app, 50);
  app.post('/short', (request) => request.body);
  app.post('/long', { config: { longBody: true } }, (request) => request.body);
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  expect(await answerTo(port, '/short')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await answerTo(port, '/long', 200)).toMatch(/^HTTP\/1\.1 200 [\s\S]*abcd$/);
  await app.close();
});
