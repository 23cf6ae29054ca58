import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { httpApp, json } from '../../../test/support/http-app.ts';

function routes(app: FastifyInstance): void {
  app.get('/set', (request, reply) =>
    reply.writeCookie('browser', 'a;b=ö', { maxAgeSeconds: 60 }).send({ was: request.readCookie('browser') ?? null }),
  );
  app.get('/large', (_request, reply) => reply.writeCookie('browser', 'x'.repeat(4096)).send('no'));
}

describe('cookies', () => {
  it('C7: with https a cookie is __Host-, Secure, HttpOnly, host-wide, SameSite, and below 4,096 bytes', async () => {
    const { app } = await httpApp({ routes });
    const first = await app.inject({ url: '/set', headers: json });
    expect(first.headers['set-cookie']).toBe(
      '__Host-browser=a%3Bb%3D%C3%B6; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60',
    );
    const again = await app.inject({ url: '/set', headers: { ...json, cookie: 'x=1; __Host-browser=a%3Bb%3D%C3%B6' } });
    expect(again.json()).toEqual({ was: 'a;b=ö' });
    const unprefixed = await app.inject({ url: '/set', headers: { ...json, cookie: 'browser=planted' } });
    expect(unprefixed.json()).toEqual({ was: null });
    expect((await app.inject({ url: '/large', headers: json })).statusCode).toBe(500);
  });

  it('C7: in http development the name is plain', async () => {
    const { app } = await httpApp({ routes, issuer: 'http://localhost' });
    expect((await app.inject('/set')).headers['set-cookie']).toMatch(/^browser=.*; Path=\/; HttpOnly; SameSite=Lax/);
  });
});
