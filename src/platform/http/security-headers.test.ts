import { describe, expect, it } from 'vitest';
import { html, httpApp, pages } from '../../../test/support/http-app.ts';

describe('headers', () => {
  const everywhere = [
    '/page',
    '/raw',
    '/none',
    '/throws/bug',
    '/health/live',
    '/csp-reports',
    `${pages.assets.path}/latchkey.css`,
  ];

  it.each(everywhere)('C8: %s carries every security header, and no header tells a version', async (url) => {
    const { app } = await httpApp();
    const { headers } = await app.inject({ url, headers: html });
    expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['server']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('C8: without https there is no HSTS', async () => {
    const { app } = await httpApp({ issuer: 'http://localhost' });
    expect((await app.inject('/page')).headers['strict-transport-security']).toBeUndefined();
  });

  it('C9: a page has its own nonce policy, other in each response, and the nonce on its script', async () => {
    const { app } = await httpApp();
    const [one, two] = await Promise.all([
      app.inject({ url: '/page', headers: html }),
      app.inject({ url: '/page', headers: html }),
    ]);
    const nonce = /'nonce-([\w-]{22})'/.exec(String(one.headers['content-security-policy']))?.[1];
    expect(one.body).toContain(`nonce="${nonce}"`);
    expect(two.body).not.toContain(`nonce="${nonce}"`);
    for (const part of [
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
      'report-uri',
    ]) {
      expect(one.headers['content-security-policy']).toContain(part);
    }
  });

  it('C9: form-action opens for one given origin of one page, and only for an origin', async () => {
    const { app } = await httpApp({
      routes: (instance) => {
        instance.get('/to-service', (_request, reply) =>
          reply.cspFormAction('https://service.example').page('error.njk', { kind: 'expired' }),
        );
        instance.get('/evil', (_request, reply) =>
          reply.cspFormAction("https://x; script-src 'unsafe-inline'").page('error.njk', { kind: 'expired' }),
        );
      },
    });
    const allowed = await app.inject({ url: '/to-service', headers: html });
    expect(allowed.headers['content-security-policy']).toContain("form-action 'self' https://service.example;");
    expect((await app.inject({ url: '/page', headers: html })).headers['content-security-policy']).toContain(
      "form-action 'self';",
    );
    const evil = await app.inject({ url: '/evil', headers: html });
    expect(evil.statusCode).toBe(500);
    expect(evil.headers['content-security-policy']).not.toContain('unsafe-inline');
  });

  it('C9: reports of browsers are counted by directive, and nothing else of them is kept', async () => {
    const { app, metrics, log } = await httpApp();
    const payload =
      '{"csp-report":{"effective-directive":"img-src","document-uri":"https://id.example/?login_hint=ann@example.org"}}';
    const sent = await app.inject({
      method: 'POST',
      url: '/csp-reports',
      headers: { host: 'id.example', 'content-type': 'application/csp-report' },
      payload,
    });
    expect(sent.statusCode).toBe(204);
    expect(await metrics.registry.metrics()).toContain('latchkey_csp_reports_total{directive="img-src"} 1');
    log.assertClean();
  });

  it('C12: pages and errors are never stored; assets are kept for a year', async () => {
    const { app } = await httpApp();
    for (const url of ['/page', '/none', '/throws/bug', '/health/ready']) {
      expect((await app.inject({ url, headers: html })).headers['cache-control']).toBe('no-store');
    }
    const asset = await app.inject({
      url: `${pages.assets.path}/latchkey.css`,
      headers: { ...html, 'accept-encoding': 'br' },
    });
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-encoding']).toBe('br');
    expect(asset.rawPayload.length).toBeLessThan(20_000);
    expect((await app.inject({ url: '/assets/old/latchkey.css', headers: html })).statusCode).toBe(404);
  });
});
