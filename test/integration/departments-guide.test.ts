import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { protocolApp, type ProtocolApp } from '../support/protocol-app.ts';
import { mergeTwo, subsOf, twoPeople } from '../support/two-people.ts';

// The programs in docs/guides/departments.md, run as they stand there.
const ROOT = join(import.meta.dirname, '../..');

let app: ProtocolApp;
let programs: string[];
const running: ChildProcess[] = [];

beforeAll(async () => {
  app = await protocolApp();
  const guide = await readFile(join(ROOT, 'docs/guides/departments.md'), 'utf8');
  programs = [...guide.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, program = '']) => program);
});
afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
  await app.close();
});

function run(program: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: ROOT,
    env: { ...process.env, ISSUER: app.issuer, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin?.end(program);
  running.push(child);
  return child;
}

/** Nobody else has the port by then: the program listens. */
async function listens(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  const isFree = await Promise.race([
    once(probe, 'listening').then(() => true),
    once(probe, 'error').then(() => false),
  ]).catch(() => false);
  if (isFree) await new Promise((resolve) => probe.close(resolve));
  return !isFree;
}

it('E11: the receiver of the guide takes an event, and its reader the map', async () => {
  const [receiver = '', reader = ''] = programs;
  const port = await freePort();
  const client = await app.register('guide', {
    sector: 'guide.example',
    authMethod: 'client_secret_post',
    eventsUri: `http://localhost:${port}/events`,
  });
  const listening = run(receiver, { CLIENT_ID: 'guide', PORT: `${port}` });
  let heard = '';
  listening.stdout?.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  await expect.poll(() => listens(port)).toBe(true);

  const lines: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const pair = await twoPeople(app.app, ['guide.example']);
    const [kept, gone] = await subsOf(app.app, pair, 'guide.example');
    await mergeTwo(app.app, pair);
    lines.push(`joined ${gone} ${kept}`);
  }
  await expect
    .poll(() => app.app.outbox.drainOnce().then(() => heard.split('\n').filter(Boolean).toSorted()))
    .toEqual(lines.toSorted());

  const reading = run(reader, { CLIENT_ID: 'guide', CLIENT_SECRET: client.secret ?? '' });
  if (!reading.stdout) throw new Error('no output');
  expect((await text(reading.stdout)).split('\n').filter(Boolean).toSorted()).toEqual(lines.toSorted());
});
