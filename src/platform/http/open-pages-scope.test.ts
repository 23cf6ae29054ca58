import { describe, expect, it } from 'vitest';
import { ISSUER, html, httpApp, json } from '../../../test/support/http-app.ts';

const post = (body: string, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/form',
  headers: { ...html, 'content-type': 'application/x-www-form-urlencoded', ...headers },
  payload: body,
});

describe('forms', () => {
  it('C11: a POST that another site sent is refused', async () => {
    const { app } = await httpApp();
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: ISSUER },
      { origin: 'https://evil.example' },
      { origin: 'https://id.example.evil.example' },
      { origin: 'http://id.example' },
    ] as Record<string, string>[]) {
      expect((await app.inject(post('a=1', headers))).statusCode).toBe(403);
    }
    for (const headers of [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, { origin: ISSUER }] as Record<
      string,
      string
    >[]) {
      expect((await app.inject(post('a=1&b=%C3%B6+x', headers))).json()).toEqual({ fields: { a: '1', b: 'ö x' } });
    }
  });

  it('G14: a form too large, with too many fields or one twice is refused; G16: __proto__ is a plain name', async () => {
    const { app } = await httpApp();
    expect((await app.inject(post('a=1&a=2'))).statusCode).toBe(400);
    expect((await app.inject(post(Array.from({ length: 51 }, (_, i) => `f${i}=1`).join('&')))).statusCode).toBe(400);
    expect((await app.inject(post(`a=${'x'.repeat(65 * 1024)}`))).statusCode).toBe(413);
    const polluted = await app.inject(post('__proto__=1&constructor=2'));
    expect(polluted.body).toBe('{"fields":{"__proto__":"1","constructor":"2"}}');
  });

  it('G14: no scope parses a body that it did not ask for', async () => {
    const { app } = await httpApp();
    const asJson = await app.inject({ ...post('{"a":1}'), headers: { ...json, 'content-type': 'application/json' } });
    expect(asJson.statusCode).toBe(415);
  });

  it('D22: an address that gives a parameter twice is refused', async () => {
    const { app } = await httpApp();
    expect((await app.inject({ url: '/page?lng=en&lng=cy', headers: html })).statusCode).toBe(400);
    expect((await app.inject({ url: '/page?lng=en&x=cy', headers: html })).statusCode).toBe(200);
  });
});
