import { describe, expect, it } from 'vitest';
import { html, httpApp, json } from '../../../test/support/http-app.ts';

describe('errors', () => {
  it('D23: an unknown error tells only a reference, to browsers and to programs', async () => {
    const { app, log } = await httpApp();
    const page = await app.inject({ url: '/throws/bug', headers: html });
    const problem = await app.inject({ url: '/throws/bug', headers: json });
    expect([page.statusCode, problem.statusCode]).toEqual([500, 500]);
    for (const { body } of [page, problem]) expect(body).not.toMatch(/secret-detail|TypeError|stack|example\.org/);
    expect(problem.headers['content-type']).toContain('application/problem+json');
    const { reference } = problem.json<{ reference: string }>();
    expect(log.lines.some((line) => line.includes(reference) && line.includes('secret-detail'))).toBe(true);
    log.assertClean();
  });

  it('an outage is a 503 with Retry-After and never says what is away', async () => {
    const { app } = await httpApp();
    const away = await app.inject({ url: '/throws/away', headers: json });
    expect(away.statusCode).toBe(503);
    expect(away.headers['retry-after']).toBe('5');
    expect(away.body).not.toContain('postgres');
    const busy = await app.inject({ url: '/throws/busy', headers: { ...html, 'accept-language': 'cy' } });
    expect(busy.statusCode).toBe(503);
    expect(busy.headers['retry-after']).toBe('2');
    expect(busy.body).toContain('ymhen 2 eiliad');
  });

  it('G13: another Host is not served: 421, but probes may ask by address', async () => {
    const { app } = await httpApp();
    for (const host of ['evil.example', 'id.example.evil.example', 'id.example:8443', '127.0.0.1']) {
      expect((await app.inject({ url: '/page', headers: { ...html, host } })).statusCode).toBe(421);
      expect((await app.inject({ url: '/raw', headers: { ...html, host } })).statusCode).toBe(421);
    }
    expect((await app.inject({ url: '/page', headers: { ...html, host: 'id.example:443' } })).statusCode).toBe(200);
    expect((await app.inject({ url: '/health/live', headers: { host: '10.0.0.1' } })).statusCode).toBe(200);
  });

  it('an address that cannot be decoded gets our page, headers included', async () => {
    const { app } = await httpApp();
    const bad = await app.inject({ url: '/%zz', headers: { ...html, 'accept-language': 'cy' } });
    expect(bad.statusCode).toBe(400);
    expect(bad.body).toContain('Nid oeddem yn deall');
    expect(bad.headers['x-content-type-options']).toBe('nosniff');
  });

  it('every error page is there in both languages', async () => {
    const kinds = [
      'badRequest',
      'notAllowed',
      'notFound',
      'wrongHost',
      'tooMany',
      'failed',
      'unavailable',
      'expired',
    ] as const;
    const { app } = await httpApp({
      routes: (instance) => {
        for (const kind of kinds)
          instance.get(`/${kind}`, (_request, reply) => reply.errorPage(kind, { retryAfter: 3 }));
      },
    });
    for (const kind of kinds) {
      const [en, cy] = await Promise.all(
        ['en', 'cy'].map((lng) => app.inject({ url: `/${kind}?lng=${lng}`, headers: html })),
      );
      expect(en?.statusCode).toBeGreaterThanOrEqual(400);
      expect(en?.body).not.toBe(cy?.body);
      expect(cy?.body).toMatch(/<code>[0-9a-f]{10}-\w+<\/code>/);
    }
  });
});
