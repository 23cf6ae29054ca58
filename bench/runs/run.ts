import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import type { House } from '../../src/house.ts';
import type { RunMoved, RunState } from '../../src/migration/index.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { processTreeCpuMs } from '../silent-sign-in/process-tree-cpu.ts';
import { definitionOf, sizesOf, sourceKey, writeExport } from './estate.ts';
import { benchHouse } from './house.ts';

// A governed run of generated rows over many old systems, every phase of it, and in the same call plain COPY: of the same
// files, and of the rows as the run writes them, into a table with a primary key. One Postgres, started here with durable settings; two worker processes, which stay.
// Usage: node bench/runs/run.ts [rows] [systems] [workers]
//
// The ratio is of validate + stage + match + run together (matching is part of running; rehearsing is on top, and printed).
// What a row is judged by is COPY of the very rows that the ledger has then, in their binary form: they are what is brought in. All hashes are bcrypt, which are
// stored as they are: what wrapping weak ones costs is argon2, and `bench/import.ts` prints it.

const rows = Number(process.argv[2] ?? 1_000_000);
const systems = Number(process.argv[3] ?? 190);
const workers = Number(process.argv[4] ?? 2);
const TARGET = 0.15;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
const PLANNER = { actor: 'operator:planner' };
const APPROVER = { actor: 'operator:approver' };

/** Narrow rows in the order of their key: the least that Postgres can do with them. */
const IN_ORDER = 'id text PRIMARY KEY, login text, hash text, email text, name text, status text';
/** The same with what any table of accounts has: a key in no order, and an address that is unique. */
const IN_NO_ORDER = 'id text, login text, hash text PRIMARY KEY, email text UNIQUE, name text, status text';

/** The very rows that the run wrote, into a table of the same columns with a primary key and nothing else. */
async function copyLedger(house: House, folder: string): Promise<number> {
  const file = join(folder, 'ledger.copy');
  const client = await house.db.pool.connect();
  await pipeline(client.query(copyTo('COPY legacy_accounts TO STDOUT (FORMAT binary)')), createWriteStream(file));
  await client.query('CREATE TABLE plain (LIKE legacy_accounts, PRIMARY KEY (legacy_key))');
  const started = performance.now();
  await pipeline(createReadStream(file), client.query(copyFrom('COPY plain FROM STDIN (FORMAT binary)')));
  const rate = rows / ((performance.now() - started) / 1000);
  await client.query('DROP TABLE plain');
  client.release();
  return rate;
}

async function copyAll(house: House, places: readonly string[], columns: string): Promise<number> {
  await house.db.query({ text: 'DROP TABLE IF EXISTS plain' });
  await house.db.query({ text: `CREATE TABLE plain (${columns})` });
  const client = await house.db.pool.connect();
  const started = performance.now();
  for (const place of places)
    await pipeline(createReadStream(place), client.query(copyFrom('COPY plain FROM STDIN (FORMAT csv, HEADER)')));
  client.release();
  return rows / ((performance.now() - started) / 1000);
}

interface Worker {
  readonly pid: number;
  readonly ready: Promise<unknown>;
  end(): Promise<void>;
}

function startWorker(url: string, runId: string): Worker {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=8', join(import.meta.dirname, 'worker.ts'), url, runId, 'stays'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    ready: once(child.stdout, 'data'),
    async end() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Since it was last asked; 0 where there is no /proc. */
function peakMiB(pid: number): number {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return Number(peak) / 1024;
  } catch {
    return 0;
  }
}

/** How long a run was in a working state, as its audit says. */
async function secondsIn(house: House, runId: string, state: string): Promise<number> {
  const [row] = await house.db.query<{ seconds: number }>({
    text: `SELECT extract(epoch FROM max(at) FILTER (WHERE body->'detail'->>'from' = $2)
                                   - max(at) FILTER (WHERE body->'detail'->>'to' = $2))::float8 AS seconds
           FROM audit_events WHERE chain_id = $1 AND type = 'run.moved'`,
    values: [`run:${runId}`, state],
  });
  return row?.seconds ?? Number.NaN;
}

function done(moved: RunMoved): void {
  if (moved.outcome !== 'done') throw new Error(`refused: ${moved.reason}`);
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
// As a server of this size is set in production: the same for COPY and for the run.
let atWork: readonly Worker[] = [];
const settings = ['shared_buffers=2GB', 'max_wal_size=8GB', 'checkpoint_timeout=30min'];
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true, settings });
try {
  await migrate(postgres.url);
  const house = benchHouse(postgres.url);
  const { runs, sources } = house.migration;
  const sizes = sizesOf(rows, systems);
  const files = [];
  for (const [n, size] of sizes.entries()) {
    await sources.add(definitionOf(n), PLANNER);
    const place = await writeExport(folder, n, size);
    files.push({ source: sourceKey(n), fileName: `${sourceKey(n)}.csv`, place });
  }
  print(`${count(rows)} rows over ${systems} systems, the largest of ${count(sizes[0] ?? 0)}; ${workers} workers`);
  const places = files.map(({ place }) => place);
  const copyRate = await copyAll(house, places, IN_ORDER);
  const keyedRate = await copyAll(house, places, IN_NO_ORDER);
  await house.db.query({ text: 'DROP TABLE plain' });
  print(
    `COPY                ${count(copyRate).padStart(9)} rows/s, with a key in no order and a unique address ${count(keyedRate)}`,
  );

  const planned = await runs.plan({ title: 'Bench', files, confirmed: true, meta: PLANNER });
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  const { runId } = planned.run;
  atWork = Array.from({ length: workers }, () => startWorker(postgres.url, runId));
  await Promise.all(atWork.map(({ ready }) => ready));
  const oursSoFar = (): number => atWork.reduce((sum, { pid }) => sum + processTreeCpuMs(pid), 0) / 1000;

  const phase = async (
    [name, working, goal]: readonly [string, string, RunState],
    ask: () => Promise<RunMoved>,
  ): Promise<number> => {
    const [before, oursBefore] = [processTreeCpuMs(postgres.pid), oursSoFar()];
    const started = performance.now();
    done(await ask());
    while ((await runs.find(runId))?.state !== goal) await sleep(100);
    const all = (performance.now() - started) / 1000;
    const seconds = await secondsIn(house, runId, working);
    const ours = oursSoFar() - oursBefore;
    const theirs = (processTreeCpuMs(postgres.pid) - before) / 1000;
    const peak = Math.max(...atWork.map(({ pid }) => peakMiB(pid)));
    const cpu = `${((ours / rows) * 1e6).toFixed(1)} µs ours + ${((theirs / rows) * 1e6).toFixed(1)} µs Postgres a row`;
    print(
      `${name.padEnd(19)} ${count(rows / seconds).padStart(9)} rows/s  ${seconds.toFixed(1)} s (${all.toFixed(1)} s with waking up and balancing), ${cpu}, peak ${count(peak)} MiB`,
    );
    return seconds;
  };

  const validated = await phase(['validate', 'validating', 'validated'], () =>
    runs.advance(runId, 'validated', PLANNER),
  );
  await phase(['rehearse', 'rehearsing', 'rehearsed'], () => runs.advance(runId, 'rehearsed', PLANNER));
  done(await runs.approve(runId, APPROVER, { olderFile: false }));
  const staged = await phase(['stage', 'staging', 'staged'], () => runs.advance(runId, 'staged', PLANNER));
  const run = await phase(['match + run', 'running', 'reconciled'], () => runs.advance(runId, 'reconciled', PLANNER));
  const balance = await runs.balance(runId);
  if (!balance?.sheet.balanced || balance.sheet.total.outcomes.new !== rows)
    throw new Error(JSON.stringify(balance?.sheet.total));
  const ledgerRate = await copyLedger(house, folder);
  print(`COPY of these rows  ${count(ledgerRate).padStart(9)} rows/s, into a table with a primary key`);
  await phase(['undo', 'undoing', 'undone'], () => runs.undo(runId, PLANNER, 'the bench is over'));
  const [left] = await house.db.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM legacy_accounts' });
  if (left?.n !== 0) throw new Error(`${left?.n} rows are left after the undo`);
  const rate = rows / (validated + staged + run);
  print(`validate + stage + match + run: ${count(rate)} rows/s`);
  print(
    `ratio to COPY of the rows as the run writes them ${(rate / ledgerRate).toFixed(3)} (target ${TARGET}, aim 0.35)`,
  );
  print(
    `ratio to COPY of the files, key in order ${(rate / copyRate).toFixed(3)}, in no order ${(rate / keyedRate).toFixed(3)}`,
  );
  await house.close();
  process.exitCode = rate / ledgerRate >= TARGET ? 0 : 1;
} finally {
  await Promise.all(atWork.map(({ end }) => end()));
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
