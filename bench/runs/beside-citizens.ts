import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { freePort } from '../../test/support/free-port.ts';
import { CLIENT_ID, type Given, PASSWORD, PEOPLE, REDIRECT } from '../password-sign-in/contract.ts';
import { signIn } from '../password-sign-in/sign-in.ts';
import { quantile } from '../silent-sign-in/quantiles.ts';
import { definitionOf, sizesOf, sourceKey, writeExport } from './estate.ts';
import { benchHouse } from './house.ts';

// Sign-ins with a password at a steady rate, page by page as a browser goes: first alone, then beside one worker that
// stages and runs, then alone again. Prints how much longer they take beside the run. Postgres is as in bench/runs/run.ts, and past
// its first checkpoint: making the first files of its log holds up every commit, as it does only once in the life of a server.
// Usage: node bench/runs/beside-citizens.ts [rows] [sign-ins a second] [pace of the worker, percent]

const rows = Number(process.argv[2] ?? 600_000);
const perSecond = Number(process.argv[3] ?? 8);
// As `latchkey runs work` has it.
const pace = process.argv[4] ?? '50';
const CALM_SECONDS = 30;
const TARGET = 1.5;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const PLANNER = { actor: 'operator:planner' };
const APPROVER = { actor: 'operator:approver' };

/** Begins a sign-in at each turn of the clock, whether or not the ones before it have ended. Milliseconds of each. */
async function signInsWhile(origin: string, isOn: () => boolean): Promise<number[]> {
  const took: number[] = [];
  const under: Promise<void>[] = [];
  for (let turn = 0; isOn(); turn += 1) {
    const started = performance.now();
    const one = signIn(origin, { address: `person${turn % PEOPLE}@example.org`, password: PASSWORD, ...SERVICE });
    under.push(one.then(() => void took.push(performance.now() - started)));
    await sleep(1000 / perSecond);
  }
  await Promise.all(under);
  return took;
}
const SERVICE = { clientId: CLIENT_ID, redirectUri: REDIRECT };

const told = (name: string, took: readonly number[]): number => {
  const p99 = quantile(took, 0.99);
  print(
    `${name.padEnd(24)} ${took.length} sign-ins, p50 ${quantile(took, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
  );
  return p99;
};

function startProvider(given: Given): ChildProcess {
  const provider = join(import.meta.dirname, '..', 'password-sign-in', 'provider.ts');
  return spawn(process.execPath, [provider, JSON.stringify(given)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** As `latchkey runs work` does, it gives way. */
async function workUntilIdle(url: string, runId: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=8', join(import.meta.dirname, 'worker.ts'), url, runId, 'ends', pace],
    { stdio: 'ignore' },
  );
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the worker ended with ${code}`);
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const settings = ['shared_buffers=2GB', 'max_wal_size=8GB', 'min_wal_size=8GB', 'checkpoint_timeout=30min'];
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true, settings });
let provider: ChildProcess | undefined;
try {
  await migrate(postgres.url);
  const port = await freePort();
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256' };
  provider = startProvider({ port, databaseUrl: postgres.url, publicJwk });
  await once(provider, 'message');
  const origin = `http://localhost:${port}`;
  const house = benchHouse(postgres.url);
  const { runs, sources } = house.migration;
  const files = [];
  for (const [n, size] of sizesOf(rows, 10).entries()) {
    await sources.add(definitionOf(n), PLANNER);
    files.push({ source: sourceKey(n), fileName: `${n}.csv`, place: await writeExport(folder, n, size) });
  }
  const planned = await runs.plan({ title: 'Bench', files, confirmed: true, meta: PLANNER });
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  const { runId } = planned.run;
  await runs.advance(runId, 'rehearsed', PLANNER);
  await workUntilIdle(postgres.url, runId);
  await runs.approve(runId, APPROVER, { olderFile: false });

  const calm = async (name: string): Promise<number> => {
    const ends = performance.now() + CALM_SECONDS * 1000;
    return told(name, await signInsWhile(origin, () => performance.now() < ends));
  };
  await house.db.query({ text: 'CHECKPOINT' });
  await calm('to warm up');
  const before = await calm('alone');
  await runs.advance(runId, 'reconciled', PLANNER);
  let isWorking = true;
  const working = workUntilIdle(postgres.url, runId).finally(() => (isWorking = false));
  const beside = told('beside a run', await signInsWhile(origin, () => isWorking));
  await working;
  const after = await calm('alone again');
  const run = await runs.find(runId);
  if (run?.state !== 'reconciled') throw new Error(`the run is ${run?.state}`);
  const ratio = beside / ((before + after) / 2);
  print(`p99 beside a run ${ratio.toFixed(2)} × (target ${TARGET})`);
  await house.close();
  process.exitCode = ratio <= TARGET ? 0 : 1;
} finally {
  if (provider?.connected) {
    const ended = once(provider, 'exit');
    provider.disconnect();
    await ended;
  }
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
