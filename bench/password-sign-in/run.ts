import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { freePort } from '../../test/support/free-port.ts';
import { authorizeRequest, Browser } from '../../test/support/raw-client.ts';
import { CLIENT_ID, type Given, PASSWORD, PEOPLE, REDIRECT, type Report } from './contract.ts';

// Sign-ins with e-mail address and password, from /authorize to the code, page by page as a browser without JavaScript
// goes; then as many bare argon2id verifications in the same process. Prints what a sign-in costs beyond the hash.
const ROUNDS = 5;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
await migrate(postgres.url);
const port = await freePort();
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const given: Given = {
  port,
  databaseUrl: postgres.url,
  publicJwk: { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256' },
};
// --profile FOLDER writes a CPU profile of the provider there.
const at = process.argv.indexOf('--profile');
const profiling = at === -1 ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.argv[at + 1] ?? '.'}`];
const log = openSync(join(folder, 'provider.log'), 'w');
const child = spawn(process.execPath, [...profiling, join(import.meta.dirname, 'provider.ts'), JSON.stringify(given)], {
  stdio: ['ignore', log, log, 'ipc'],
});
try {
  await once(child, 'message');
  const signIns: number[] = [];
  const hashes: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await ask({});
    for (let person = 0; person < PEOPLE; person += 1) await signIn(`person${person}@example.org`);
    const whole = (await ask({})).cpuMs / PEOPLE;
    const hash = (await ask({ hashes: PEOPLE })).cpuMs / PEOPLE;
    // The first round warms up.
    if (round === 0) continue;
    signIns.push(whole);
    hashes.push(hash);
  }
  const [whole, hash] = [median(signIns), median(hashes)];
  print('CPU of a sign-in with a password (ms)', whole);
  print('of it, one argon2id verification (ms)', hash);
  print('beyond the hash (ms)', whole - hash);
  print('ratio of the whole to the hash', whole / hash);
} finally {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function ask(question: { hashes?: number }): Promise<Report> {
  child.send(question);
  const [report]: Report[] = await once(child, 'message');
  if (!report) throw new Error('no report');
  return report;
}

async function signIn(address: string): Promise<void> {
  const browser = new Browser(`http://localhost:${port}`);
  let page = await follow(browser, authorizeRequest({ clientId: CLIENT_ID, redirectUri: REDIRECT }).url);
  page = await submit(browser, page, { address });
  page = await submit(browser, page, { password: PASSWORD });
  if (!page.url.startsWith(REDIRECT)) throw new Error(`not signed in: ${page.url} ${page.html.slice(0, 2000)}`);
}

interface Page {
  readonly url: string;
  readonly html: string;
}

async function submit(browser: Browser, { url, html }: Page, fields: Record<string, string>): Promise<Page> {
  const formToken = /name="formToken" value="([^"]*)"/.exec(html)?.[1] ?? '';
  const answer = await browser.post(new URL(url).pathname, { formToken, ...fields });
  return follow(browser, answer.headers.get('location') ?? '', url);
}

async function follow(browser: Browser, location: string, base = browser.origin): Promise<Page> {
  const url = new URL(location, base);
  if (url.origin !== browser.origin) return { url: url.href, html: '' };
  const answer = await browser.get(url.href);
  const next = answer.headers.get('location');
  return next === null ? { url: url.href, html: await answer.text() } : follow(browser, next, url.href);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(what: string, value: number): void {
  process.stdout.write(`${what.padEnd(42)} ${value.toFixed(2).padStart(8)}\n`);
}
