import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, buildApp } from '../../src/app.ts';
import { collectRoutes } from '../../src/operators/access/collect-routes.ts';
import { testConfig } from '../support/config.ts';
import { testOperator } from '../support/operators.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let app: App;
const clock = { now: new Date('2026-11-02T09:00:00Z') };
const html = { accept: 'text/html', host: 'localhost:3000' };

beforeAll(async () => {
  database = await testDatabase();
  const config = testConfig({ postgres: { url: database.url } });
  app = await buildApp({ config, logger: false, now: () => clock.now });
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

describe('the guard', () => {
  it('shows the sign-in page', async () => {
    const page = await app.http.inject({ url: '/operators/sign-in?to=/operators/passkeys', headers: html });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('Sign in as staff');
  });
  it('lets in who is signed in', async () => {
    const operator = await testOperator(app.house, { roles: ['viewer'] });
    const page = await app.http.inject({ url: '/operators', headers: { ...html, cookie: operator.cookie } });
    expect([page.statusCode, page.headers.location]).toEqual([303, '/operators/passkeys']);
  });
});
