import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { freePort } from '../../test/support/free-port.ts';
import { openSession, type Party, silentSignIn } from './client.ts';
import type { Given, Usage } from './contender.ts';
import { connectTo, type RedisClient } from './plain-redis-adapter.ts';
import { median, quantile } from './quantiles.ts';
import { processTreeCpuMs } from './process-tree-cpu.ts';
import { startRedis } from './redis-server.ts';

// Silent sign-ins (authorize with a live session, then token with private_key_jwt, ES256): the bare protocol library
// with its documented Redis adapter against Latchkey on Redis with everything on, in interleaved bursts of one call.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    burst: { type: 'string', default: '600' },
    rate: { type: 'string', default: '100' },
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write('node bench/silent-sign-in/run.ts [--rounds 5] [--burst 600] [--rate 100] [--profile FOLDER]\n');
  process.exit(0);
}
const ROUNDS = Number(values.rounds);
const BURST = Number(values.burst);
const RATE = Number(values.rate);
const SESSIONS = 50;
const IN_FLIGHT = 8;
const OURS = 'Latchkey';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
await migrate(postgres.url);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  readonly party: Party;
  readonly sessions: readonly string[];
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  readonly control: RedisClient;
}

const bare = await launch('bare library', 'bare-provider.ts');
const ours = await launch(OURS, 'latchkey-provider.ts');
const contenders = [bare, ours];
try {
  for (const contender of contenders) await burst(contender, BURST);
  await measureBursts();
  await measureAlone();
  await measureAtRate();
} finally {
  for (const { child, redis, control } of contenders) {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
    await control.close();
    await redis.stop();
  }
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function launch(name: string, file: string): Promise<Contender> {
  const redis = await startRedis();
  const port = await freePort();
  const given: Given = { port, redisUrl: redis.url, databaseUrl: postgres.url, publicJwk };
  const log = openSync(join(folder, `${file}.log`), 'w');
  const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(values.profile, file)}`];
  const child = spawn(process.execPath, [...profiling, join(import.meta.dirname, file), JSON.stringify(given)], {
    stdio: ['ignore', log, log, 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${name} died`))),
  ]);
  const control = connectTo(redis.url);
  await control.connect();
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT * 2 });
  const party = { issuer: `http://localhost:${port}`, key: privateKey, agent };
  const sessions: string[] = [];
  for (let count = 0; count < SESSIONS; count += 1) sessions.push(await openSession(party));
  return { name, child, party, sessions, redis, control };
}

async function burst({ party, sessions }: Contender, count: number, inFlight = IN_FLIGHT): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await silentSignIn(party, sessions[next % sessions.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

async function usage({ child }: Contender): Promise<Usage> {
  child.send({ ask: 'usage' });
  const [answer]: Usage[] = await once(child, 'message');
  if (!answer) throw new Error('no answer');
  return answer;
}

async function redisCpuMs({ control }: Contender): Promise<number> {
  const info = await control.info('cpu');
  const read = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return (read('used_cpu_user') + read('used_cpu_sys')) * 1000;
}

/** Redis and, for Latchkey, which alone uses it, Postgres: the audit batch lands there. */
async function storeCpuMs(contender: Contender): Promise<number> {
  const inPostgres = contender.name === OURS ? processTreeCpuMs(postgres.pid) : 0;
  return (await redisCpuMs(contender)) + inPostgres;
}

async function redisCommands({ control }: Contender): Promise<number> {
  const info = await control.info('commandstats');
  const calls = [...info.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)];
  return calls.reduce((sum, [, name, count]) => sum + (name === 'info' ? 0 : Number(count)), 0);
}

interface Figures {
  readonly cpuMs: number;
  readonly processMs: number;
  readonly perSecond: number;
}

async function timed(contender: Contender): Promise<Figures> {
  await usage(contender);
  const storeBefore = await storeCpuMs(contender);
  const begun = performance.now();
  await burst(contender, BURST);
  const seconds = (performance.now() - begun) / 1000;
  const { cpuMs } = await usage(contender);
  const storeMs = (await storeCpuMs(contender)) - storeBefore;
  return { cpuMs: (cpuMs + storeMs) / BURST, processMs: cpuMs / BURST, perSecond: BURST / seconds };
}

async function measureBursts(): Promise<void> {
  const rounds: { bare: Figures; ours: Figures }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ bare: await timed(bare), ours: await timed(ours) });
  const column = (of: (round: { bare: Figures; ours: Figures }) => number): string => median(rounds.map(of)).toFixed(2);
  print(
    'CPU per sign-in, process + stores (ms)',
    column((r) => r.bare.cpuMs),
    column((r) => r.ours.cpuMs),
    column((r) => r.ours.cpuMs / r.bare.cpuMs),
  );
  print(
    'CPU per sign-in, the process alone (ms)',
    column((r) => r.bare.processMs),
    column((r) => r.ours.processMs),
    column((r) => r.ours.processMs / r.bare.processMs),
  );
  print(
    'sign-ins a second of one core',
    column((r) => 1000 / r.bare.cpuMs),
    column((r) => 1000 / r.ours.cpuMs),
    column((r) => r.bare.cpuMs / r.ours.cpuMs),
  );
  print(
    'sign-ins a second, wall clock',
    column((r) => r.bare.perSecond),
    column((r) => r.ours.perSecond),
    column((r) => r.ours.perSecond / r.bare.perSecond),
  );
}

/** One sign-in at a time: commands and waits can be told apart. */
async function measureAlone(): Promise<void> {
  const COUNT = 200;
  const figures = [];
  for (const contender of contenders) {
    await sleep(300);
    await usage(contender);
    const before = await redisCommands(contender);
    await burst(contender, COUNT, 1);
    const { waits, postgresQueries, rssMb } = await usage(contender);
    const commands = (await redisCommands(contender)) - before;
    figures.push({ commands: commands / COUNT, waits: waits / COUNT, queries: postgresQueries / COUNT, rssMb });
  }
  const [a, b] = figures;
  if (!a || !b) return;
  print('Redis commands a sign-in', a.commands.toFixed(2), b.commands.toFixed(2), (b.commands / a.commands).toFixed(2));
  print('Postgres statements a sign-in (audit batch)', a.queries.toFixed(2), b.queries.toFixed(2), '');
  print('sequential store waits a sign-in', a.waits.toFixed(2), b.waits.toFixed(2), (b.waits / a.waits).toFixed(2));
  print('memory of the process (MB)', String(a.rssMb), String(b.rssMb), (b.rssMb / a.rssMb).toFixed(2));
}

/** Open loop at a given rate: each sign-in starts when it is due, whatever the others do. */
async function measureAtRate(): Promise<void> {
  const COUNT = RATE * 5;
  const figures = [];
  for (const contender of contenders) {
    const times: number[] = [];
    const running: Promise<void>[] = [];
    const begun = performance.now();
    for (let index = 0; index < COUNT; index += 1) {
      const due = begun + (index * 1000) / RATE;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const one = silentSignIn(contender.party, contender.sessions[index % SESSIONS] ?? '');
      running.push(one.then(() => void times.push(performance.now() - due)));
    }
    await Promise.all(running);
    figures.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
  }
  const [a, b] = figures;
  if (!a || !b) return;
  print(`p50 at ${RATE} a second (ms)`, a.p50.toFixed(1), b.p50.toFixed(1), (b.p50 / a.p50).toFixed(2));
  print(`p99 at ${RATE} a second (ms)`, a.p99.toFixed(1), b.p99.toFixed(1), (b.p99 / a.p99).toFixed(2));
}

function print(what: string, a: string, b: string, ratio: string): void {
  process.stdout.write(
    `${what.padEnd(46)} ${a.padStart(9)} ${b.padStart(9)}  ${ratio === '' ? '' : `ratio ${ratio}`}\n`,
  );
}
