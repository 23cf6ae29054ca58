import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { SLOW_HASH } from '../../support/legacy-estate.ts';

let desk: Cockpit;
beforeAll(async () => {
  desk = await cockpit();
});
afterAll(() => desk.close());

it('takes 190 systems into one run, and shows them on one page', { timeout: 120_000 }, async () => {
  const names: string[] = [];
  for (let at = 0; at < 190; at += 1) {
    const source = await desk.newSource(`system-${at}`);
    names.push(`${source} ${await desk.file(source, [{ id: `P${at}`, hash: SLOW_HASH }])}`);
  }
  const plan = await desk.get('olwen', '/operators/runs/new');
  for (const line of names) expect(plan.body).toContain(line);
  const fields = { title: 'All of them', files: names.join('\r\n'), cohort: '100', confirmed: 'yes' };
  const planned = await desk.post('olwen', '/operators/runs/new', fields);
  expect(planned.statusCode).toBe(303);
  const page = await desk.get('olwen', String(planned.headers.location));
  expect(page.body).toContain('190 files');
  expect(page.body.length, 'a page, not a book').toBeLessThan(400_000);
});

it('G14: a file is never in memory: it is on disk while it still comes', { timeout: 120_000 }, async () => {
  const megabyte = Buffer.alloc(1 << 20, 'x');
  const megabytes = 300;
  const origin = new URL(await desk.app.http.listen({ host: '127.0.0.1', port: 0 }));
  const before = process.memoryUsage().rss;
  let most = before;
  async function* body() {
    for (let at = 0; at < megabytes; at += 1) {
      yield megabyte;
      most = Math.max(most, process.memoryUsage().rss);
    }
  }
  const { authorization } = desk.people.olwen;
  const sent = request({
    host: origin.hostname,
    port: origin.port,
    method: 'PUT',
    path: '/operators/api/files/large.csv',
    headers: { host: 'localhost:3000', authorization },
  });
  const answered = new Promise<string>((resolve, reject) => {
    sent.once('error', reject).once('response', (response) => {
      void response.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()));
    });
  });
  await pipeline(Readable.from(body()), sent);
  expect(JSON.parse(await answered)).toMatchObject({ name: 'large.csv', bytes: megabytes << 20 });
  expect(most - before, 'sender and receiver together').toBeLessThan(150 << 20);
});
