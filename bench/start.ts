/**
 * Start to ready, and memory, of the provider's process alone, started as the image starts it, beside the bare protocol
 * library with its Redis adapter (bench/silent-sign-in), in turn, with warm compile caches. Targets: below 1 s and below
 * 180 MB. Run: `node bench/start.ts [--rounds 7]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { freePort } from '../test/support/free-port.ts';
import type { Given } from './silent-sign-in/contender.ts';
import { processTreeCpuMs } from './silent-sign-in/process-tree-cpu.ts';
import { median } from './silent-sign-in/quantiles.ts';
import { startRedis } from './silent-sign-in/redis-server.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const ROUNDS = Number(values.rounds);
/** By then what is done behind the first requests (compiling templates) is done. */
const SETTLED_MS = 3000;
const PROJECT = join(import.meta.dirname, '..');

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
const redis = await startRedis();
const publicJwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly settledMiB: number;
}

interface Contender {
  readonly name: string;
  readonly ready: string;
  readonly starts: Start[];
  launch(port: number): ChildProcess;
  end(child: ChildProcess): void;
}

const COMMAND = imageCommand();
const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compile-cache') };

const bare: Contender = {
  name: 'bare library',
  ready: '/.well-known/openid-configuration',
  starts: [],
  launch(port) {
    const given: Given = { port, redisUrl: redis.url, databaseUrl: postgres.url, publicJwk: { ...publicJwk } };
    const file = join(import.meta.dirname, 'silent-sign-in/bare-provider.ts');
    return spawn(process.execPath, [file, JSON.stringify(given)], {
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  },
  // It ends by itself then, and writes its compile cache.
  end: (child) => child.disconnect(),
};

const ours: Contender = {
  name: 'Latchkey',
  ready: '/health/ready',
  starts: [],
  launch: (port) =>
    spawn(process.execPath, COMMAND, {
      cwd: PROJECT,
      stdio: 'ignore',
      env: {
        ...env,
        LATCHKEY_ENVIRONMENT: 'development',
        LATCHKEY_ISSUER: `http://localhost:${port}`,
        LATCHKEY_HTTP_PORT: String(port),
        LATCHKEY_POSTGRES_URL: postgres.url,
      },
    }),
  end: (child) => void child.kill('SIGTERM'),
};

try {
  await migrate(postgres.url);
  for (const contender of [bare, ours]) await start(contender);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of [bare, ours]) contender.starts.push(await start(contender));
  }
  print('start to ready (ms), least', (starts) => Math.min(...starts.map(({ ms }) => ms)));
  print('start to ready (ms), median', (starts) => median(starts.map(({ ms }) => ms)));
  print('start to ready (ms), most', (starts) => Math.max(...starts.map(({ ms }) => ms)));
  print('CPU until ready (ms), median', (starts) => median(starts.map(({ cpuMs }) => cpuMs)));
  print('memory when ready (MiB), median', (starts) => median(starts.map(({ rssMiB }) => rssMiB)));
  print('memory 3 s later (MiB), median', (starts) => median(starts.map(({ settledMiB }) => settledMiB)));
} finally {
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What the image runs, after `node`. */
function imageCommand(): string[] {
  const command = /^CMD \["node", (.*)\]$/m.exec(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'))?.[1];
  if (command === undefined) throw new Error('the Dockerfile starts no node');
  const words: string[] = JSON.parse(`[${command}]`);
  return words;
}

async function start(contender: Contender): Promise<Start> {
  const port = await freePort();
  const begun = performance.now();
  const child = contender.launch(port);
  const ended = once(child, 'exit');
  try {
    await Promise.race([
      answers(`http://127.0.0.1:${port}${contender.ready}`),
      ended.then(() => Promise.reject(new Error(`${contender.name} died`))),
    ]);
    const ms = performance.now() - begun;
    const pid = child.pid ?? 0;
    const measured = { ms, cpuMs: processTreeCpuMs(pid), rssMiB: residentMiB(pid) };
    await sleep(SETTLED_MS);
    return { ...measured, settledMiB: residentMiB(pid) };
  } finally {
    contender.end(child);
    await ended;
  }
}

async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      const { ok } = await fetch(url);
      if (ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(10);
  }
}

/** As Linux counts it; 0 where there is no /proc. */
function residentMiB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function print(what: string, of: (starts: readonly Start[]) => number): void {
  const [a, b] = [of(bare.starts), of(ours.starts)];
  process.stdout.write(
    `${what.padEnd(46)} ${a.toFixed(0).padStart(9)} ${b.toFixed(0).padStart(9)}  ratio ${(b / a).toFixed(2)}\n`,
  );
}
