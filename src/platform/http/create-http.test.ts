import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import { httpApp, json } from '../../../test/support/http-app.ts';
import { testDatabase } from '../../../test/support/postgres.ts';
import type { Queryable } from '../postgres/database.ts';

const FORM = 'application/x-www-form-urlencoded';

function ipRoute(app: FastifyInstance): void {
  app.get('/ip', (request) => ({ ip: request.ip }));
}

async function addressSeen(trustProxy: boolean): Promise<string> {
  const { app } = await httpApp({ http: { trustProxy }, routes: ipRoute });
  return (await app.inject({ url: '/ip', headers: { ...json, 'x-forwarded-for': '6.6.6.6, 192.0.2.7' } })).json<{
    ip: string;
  }>().ip;
}

describe('network', () => {
  it('G13: X-Forwarded-For counts only behind a proxy, and there only what the proxy itself wrote', async () => {
    expect(await addressSeen(false)).toBe('127.0.0.1');
    expect(await addressSeen(true)).toBe('192.0.2.7');
  });

  it('metrics are for loopback or the bearer of the token; hijacked routes are counted by pattern', async () => {
    const { app } = await httpApp();
    await app.inject({ url: '/raw?code=secret', headers: json });
    await app.inject({ url: '/none/of/these', headers: json });
    const metrics = await app.inject({ url: '/metrics', headers: { host: '127.0.0.1' } });
    expect(metrics.body).toContain(
      'latchkey_http_request_duration_seconds_count{method="GET",route="/raw",status="201"} 1',
    );
    expect(metrics.body).toContain('route="none",status="404"');
    expect((await app.inject({ url: '/metrics', remoteAddress: '192.0.2.1' })).statusCode).toBe(404);
    expect((await app.inject({ url: '/metrics', headers: { 'x-forwarded-for': '127.0.0.1' } })).statusCode).toBe(404);

    const token = 'a-long-metrics-token';
    const guarded = (await httpApp({ http: { metricsToken: token } })).app;
    expect((await guarded.inject({ url: '/metrics' })).statusCode).toBe(404);
    expect((await guarded.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } })).statusCode).toBe(
      200,
    );
  });

  it('the log has one line a request: route pattern, no query, no address in full', async () => {
    const { app, log } = await httpApp();
    await app.inject({ url: '/raw?code=abcdefghijklmnopqrstuv&login_hint=ann@example.org', headers: json });
    await vi.waitFor(() => expect(log.lines).toHaveLength(1));
    const line: unknown = JSON.parse(log.lines[0] ?? '');
    expect(line).toMatchObject({ level: 'info', method: 'GET', route: '/raw', status: 201, msg: 'request' });
    expect(log.lines[0]).not.toMatch(/127\.0\.0\.1|login_hint|abcdefgh/);
  });

  it('G14: headers over 16 KiB get 431, addresses over 8 KiB 400, both with our headers', async () => {
    const { app } = await httpApp();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const large = await exchange(app, `GET / HTTP/1.1\r\nHost: id.example\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
    expect(large).toContain('x-content-type-options: nosniff');
    const long = await exchange(
      app,
      `GET /?${'a'.repeat(9000)} HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n\r\n`,
    );
    expect(long).toMatch(/^HTTP\/1\.1 400 /);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await app.inject({ method: 'POST', url: '/form', headers: { ...json, 'content-type': FORM }, payload: 'a=b' });
    expect(timers, 'for the body').toHaveBeenCalledWith(expect.any(Function), 15_000);
    expect(app.server.headersTimeout).toBe(10_000);
  });
});

describe('readiness and drain', () => {
  it('ready says which store is away; Redis away is not "not ready"', async () => {
    const { app } = await httpApp();
    const down = await app.inject('/health/ready');
    expect([down.statusCode, down.json<{ postgres: string }>().postgres]).toEqual([503, 'down']);

    const rows: Queryable = { query: () => Promise.resolve([]) };
    const behind = (await httpApp({ db: rows })).app;
    expect((await behind.inject('/health/ready')).json<{ postgres: string }>().postgres).toBe('not-migrated');

    const { db, drop } = await testDatabase();
    const { app: ready } = await httpApp({ db, redisReady: () => false });
    for (const _ of ['with migrations', 'without']) {
      const up = await ready.inject('/health/ready');
      expect([up.statusCode, up.json()]).toEqual([200, { status: 'ready', postgres: 'up', redis: 'down' }]);
    }
    await drop();
    expect((await ready.inject('/health/ready')).statusCode).toBe(503);
  });

  it('close lets a request finish, then closes its connection; onClose hooks run after it', async () => {
    const order: string[] = [];
    const { app } = await httpApp({
      routes: (instance) => {
        instance.get('/slow', async () => {
          order.push('begun');
          await new Promise((resolve) => setTimeout(resolve, 200));
          order.push('answered');
          return 'ok';
        });
        instance.addHook('onClose', (_instance, done) => {
          order.push('closed');
          done();
        });
      },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const answer = exchange(app, 'GET /slow HTTP/1.1\r\nHost: id.example\r\n\r\n');
    await vi.waitFor(() => expect(order).toEqual(['begun']));
    await app.close();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close/i);
    expect(order).toEqual(['begun', 'answered', 'closed']);
  });

  it('close cuts what has not finished after drainSeconds', async () => {
    const { app } = await httpApp({
      http: { drainSeconds: 0 },
      routes: (instance) => {
        instance.get('/never', () => new Promise(() => {}));
      },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const cut = new Promise((resolve) => {
      httpRequest({ port: portOf(app), host: '127.0.0.1', path: '/never', headers: json })
        .on('error', resolve)
        .end();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await app.close();
    expect(await cut).toBeInstanceOf(Error);
  });
});

function portOf(app: FastifyInstance): number {
  const address: AddressInfo | string | null = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function exchange(app: FastifyInstance, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(portOf(app), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
  });
}
