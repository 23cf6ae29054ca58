import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';

const START = join(import.meta.dirname, '../../demo/start.ts');

let home: string;
let port: number;
let demos: Demo[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  await chmod(home, 0o755);
  port = await freePort();
});
afterEach(async () => {
  for (const demo of demos) await demo.end('SIGKILL');
  demos = [];
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** What `npm start` starts, in a process of its own. */
interface Demo {
  readonly output: () => string;
  /** Its own child processes whose command line has these words. */
  children(words: string): number[];
  end(signal: NodeJS.Signals): Promise<number | null>;
}

async function start(env: Record<string, string> = {}): Promise<Demo> {
  const child = spawn(process.execPath, [START, '--home', home, '--port', String(port)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)));
  const output = (): string => text;
  const demo: Demo = {
    output,
    children: (words) => childrenOf(child.pid).filter((pid) => commandLine(pid).includes(words)),
    end: (signal) => end(child, signal),
  };
  demos.push(demo);
  while (!text.includes('Ctrl-C') && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  if (child.exitCode !== null) return demo;
  expect((await fetch(`${addressOf(demo, 'your account')}/health/ready`)).status).toBe(200);
  return demo;
}

const childrenOf = (pid = 0): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

function commandLine(pid: number): string {
  return existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}

it('brings everything up, again after a kill -9, and again in order', { timeout: 180_000 }, async () => {
  const cold = await start();
  expect(cold.output()).toMatch(/Made the database.*\n.*Imported farm-register\.csv: \d+ new/);
  expect(cold.output()).toContain('amina.khan');
  expect(await clickToSignIn(cold)).toMatch(SIGN_IN_PAGE);

  await cold.end('SIGKILL');
  const afterKill = await start();
  expect(afterKill.output()).not.toContain('Imported');
  expect(await clickToSignIn(afterKill)).toMatch(SIGN_IN_PAGE);
  expect(await afterKill.end('SIGINT')).toBe(0);

  const warm = await start();
  const methods = await fetch(`${addressOf(warm, 'Old sign-in methods')}/`);
  expect((await methods.text()).match(/<tr id="M\d\d"/g), 'every old sign-in method can be tried').toHaveLength(44);
  const worker = await workerOf(warm);
  const second = await start();
  expect(second.output()).toContain('is in use by process');
  expect(await warm.end('SIGTERM')).toBe(0);
  expect(commandLine(worker), 'the worker of runs ends with the demo').not.toContain('runs work');
});

/** It comes up behind everything else. */
async function workerOf(demo: Demo): Promise<number> {
  for (;;) {
    const [pid] = demo.children('runs work');
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** From a demo service's button to the page it ends at, as a browser without a script goes. */
async function clickToSignIn(demo: Demo): Promise<string> {
  const jar = new Map<string, string>();
  let url = `${addressOf(demo, 'Get help with your rent')}/sign-in`;
  for (let hop = 0; hop < 8; hop += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie, accept: 'text/html' } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/s) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) return `${response.status} ${await response.text()}`;
    url = new URL(location, url).href;
  }
  throw new Error(`no page at the end of ${url}`);
}

const SIGN_IN_PAGE = /^200 .*Latchkey.*Get help with your rent/s;

/** The address that was printed before a name. */
function addressOf(demo: Demo, name: string): string {
  const address = new RegExp(`(http://localhost:\\d+)\\S* +${name}`).exec(demo.output())?.[1];
  if (address === undefined) throw new Error(`no address of ${name} in:\n${demo.output()}`);
  return address;
}

it('takes other ports when its own are in use, and says so', { timeout: 30_000 }, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  port = taken - 1;
  const demo = await start();
  expect(demo.output()).toContain(`Port ${taken} is in use by another program`);
  expect(addressOf(demo, 'Get help with your rent')).not.toContain(String(taken));
  expect(await clickToSignIn(demo)).toMatch(SIGN_IN_PAGE);
  server.close();
});

it('says what is in its way, and ends', { timeout: 30_000 }, async () => {
  const demo = await start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  expect(demo.output()).toMatch(/could not start.*ECONNREFUSED/s);
  expect(await demo.end('SIGKILL')).toBe(1);
});
