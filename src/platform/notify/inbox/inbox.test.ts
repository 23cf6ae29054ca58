import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { testConfig } from '../../../../test/support/config.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { createHttp } from '../../http/create-http.ts';
import { createPages } from '../../pages/create-pages.ts';
import { createMetrics } from '../../telemetry/create-metrics.ts';
import { sendToInbox } from '../senders/inbox-sender.ts';
import { inboxPages, inboxPlugin } from './inbox-plugin.ts';
import { firstCode, readBody } from './read-body.ts';

let database: TestDatabase;
const pages = createPages({ folders: [inboxPages] });
const id = (number: number) => `01990000-0000-7000-8000-00000000000${number}`;

beforeAll(async () => {
  database = await testDatabase();
  const messages = [
    { kind: 'email', to: 'ada@example.com', subject: 'First', body: 'Your code is 123456.' },
    { kind: 'sms', to: '+447700900001', subject: '', body: '654321 is your code' },
    {
      kind: 'email',
      to: 'eve@example.com',
      subject: '<b>x</b>',
      body: '<script>alert(1)</script>\n\njavascript:alert(1)',
    },
  ];
  for (const [index, message] of messages.entries()) {
    const meta = { messageId: id(index), attempts: 1, signal: new AbortController().signal };
    await sendToInbox(database.db, message, meta);
    await sendToInbox(database.db, message, meta);
  }
});
afterAll(() => database.drop());

async function app(overrides: Parameters<typeof testConfig>[0] = {}) {
  const config = testConfig(overrides);
  const http = await createHttp({ config, logger: false, metrics: createMetrics(), db: database.db, pages });
  await http.register(inboxPlugin({ config, db: database.db }));
  onTestFinished(() => http.close());
  return (path: string) =>
    http.inject({ url: `${config.issuer}${path}`, headers: { accept: 'text/html', 'x-forwarded-proto': 'https' } });
}

it('shows the newest first, each once, with its code', async () => {
  const get = await app();
  const { body, statusCode, headers } = await get('/dev/inbox');
  expect(statusCode).toBe(200);
  expect(headers['cache-control']).toContain('no-store');
  expect([...body.matchAll(/href="\/dev\/inbox\/([^"]+)"/g)].map((match) => match[1])).toEqual([id(2), id(1), id(0)]);
  expect(body).toMatch(/>123456</);
  expect(body).toContain('&lt;b&gt;x&lt;/b&gt;');
  expect(body).not.toContain('<b>x');
});

it('shows a message, in both languages, with nothing of it alive', async () => {
  const get = await app();
  expect((await get(`/dev/inbox/${id(0)}`)).body).toMatch(/Your code is <strong[^>]*>123456<\/strong>\./);
  expect((await get(`/dev/inbox/${id(1)}?lng=cy`)).body).toContain('Neges destun');
  const evil = (await get(`/dev/inbox/${id(2)}`)).body;
  expect(evil).toContain('&lt;script&gt;alert(1)');
  expect(evil).not.toContain('href="javascript');
  expect((await get(`/dev/inbox/${id(9)}`)).statusCode).toBe(404);
  expect((await get('/dev/inbox/%00')).statusCode).toBeGreaterThanOrEqual(400);
  expect((await get(`/dev/inbox/' OR 1=1`)).statusCode).toBe(404);
});

it('A12: is not there in production, nor when mail goes another way', async () => {
  const production = await app({ environment: 'production', issuer: 'https://id.example' });
  expect((await production('/dev/inbox')).statusCode).toBe(404);
  const smtp = await app({ notify: { sender: 'smtp', smtpUrl: 'smtp://127.0.0.1:1' } });
  expect((await smtp('/dev/inbox')).statusCode).toBe(404);
});

it('finds addresses and codes, and takes neither for what it is not', () => {
  expect(readBody('See https://id.example/a?b=1. Bye\nnext\n\nlast')).toEqual([
    [
      [{ text: 'See ' }, { text: 'https://id.example/a?b=1', href: 'https://id.example/a?b=1' }, { text: '. Bye' }],
      [{ text: 'next' }],
    ],
    [[{ text: 'last' }]],
  ]);
  expect(firstCode('Eich cod: 012345')).toBe('012345');
  expect(firstCode('Call +447700900123 or 0300 1234567, on 2026-11-22')).toBeUndefined();
  expect(firstCode('https://id.example/123456')).toBeUndefined();
});
