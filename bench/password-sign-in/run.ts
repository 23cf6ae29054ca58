import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { freePort } from '../../test/support/free-port.ts';
import { CLIENT_ID, type Given, PASSWORD, PEOPLE, REDIRECT, type Report } from './contract.ts';
import { signIn } from './sign-in.ts';

// Sign-ins with e-mail address and password, from /authorize to the code, page by page as a browser without JavaScript
// goes; then as many bare argon2id verifications in the same process. Prints what a sign-in costs beyond the hash.
const ROUNDS = 5;
const SIGNING_IN = { password: PASSWORD, clientId: CLIENT_ID, redirectUri: REDIRECT };

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
    for (let person = 0; person < PEOPLE; person += 1)
      await signIn(`http://localhost:${port}`, { address: `person${person}@example.org`, ...SIGNING_IN });
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(what: string, value: number): void {
  process.stdout.write(`${what.padEnd(42)} ${value.toFixed(2).padStart(8)}\n`);
}
