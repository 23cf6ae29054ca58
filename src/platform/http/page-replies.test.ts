import { describe, expect, it } from 'vitest';
import { html, httpApp } from '../../../test/support/http-app.ts';

describe('language', () => {
  it('goes by switch, cookie, what the service asked, what the browser asks', async () => {
    const { app } = await httpApp({
      routes: (instance) => {
        instance.get('/asked', (_request, reply) =>
          reply.page('error.njk', { kind: 'expired' }, { uiLocales: ['fr', 'cy-GB'] }),
        );
      },
    });
    const language = async (url: string, headers: object = {}) =>
      (await app.inject({ url, headers: { ...html, ...headers } })).headers['content-language'];
    expect(await language('/page')).toBe('en');
    expect(await language('/page', { 'accept-language': 'fr, en;q=0.5, cy;q=0.9' })).toBe('cy');
    expect(await language('/asked', { 'accept-language': 'en' })).toBe('cy');
    expect(await language('/asked', { cookie: '__Host-lng=en' })).toBe('en');
    const switched = await app.inject({ url: '/asked?lng=en&a=1', headers: { ...html, cookie: '__Host-lng=cy' } });
    expect(switched.headers['content-language']).toBe('en');
    expect(switched.headers['set-cookie']).toContain('__Host-lng=en;');
    expect(switched.body).toContain('href="?lng=cy&amp;a=1"');
    expect(await language('/page?lng=de')).toBe('en');
  });

  it('D21: the switch never leads to another host, whatever the address was', async () => {
    const { app } = await httpApp();
    for (const url of [
      '//evil.example/',
      '/\\evil.example',
      '//evil.example/%2f..?lng=en',
      '/x?next=https://evil.example',
    ]) {
      const { body, headers } = await app.inject({ url, headers: html });
      const links = [...body.matchAll(/href="([^"]*)"/g)].map((match) => match[1] ?? '');
      for (const link of links) expect(link).toMatch(/^(\?|#|\/assets\/)/);
      expect(headers.location).toBeUndefined();
    }
  });
});
