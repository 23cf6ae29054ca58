import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { createPasswordWork } from '../../src/platform/crypto/password-work.ts';
import { benchConfig } from '../bench-config.ts';
import { definitionOf, sourceKey } from './estate.ts';
import { benchHouse } from './house.ts';

// What weak hashes cost a run: rows with bare MD5, which are wrapped in argon2id before they go in, by two workers; and in the
// same call argon2id alone, on as many threads, before and after. Usage: node bench/runs/wrap.ts [rows]

const rows = Number(process.argv[2] ?? 8_000);
const WORKERS = 2;
const BARE = 400;
const PLANNER = { actor: 'operator:planner' };
const APPROVER = { actor: 'operator:approver' };

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

async function writeWeak(folder: string, n: number): Promise<string> {
  const place = join(folder, `${sourceKey(n)}.csv`);
  const lines = Array.from({ length: rows / WORKERS }, (_, at) => {
    const hash = createHash('md5').update(`password ${n} ${at}`).digest('hex');
    return `S${n}-${at},user.${at},${hash},user.${at}.${n}@example.org,Amina Khan,live\n`;
  });
  await writeFile(place, `id,login,hash,email,name,status\n${lines.join('')}`);
  return place;
}

/** Hashes a second, on all threads of one process. */
async function bareRate(): Promise<number> {
  const work = createPasswordWork({ ...benchConfig().passwords, workers: WORKERS, queue: BARE, maxWaitMs: 60_000 });
  const started = performance.now();
  await Promise.all(Array.from({ length: BARE }, (_, n) => work.hash(`password ${n}`)));
  return BARE / ((performance.now() - started) / 1000);
}

async function worker(url: string, runId: string): Promise<void> {
  const args = ['--max-semi-space-size=8', join(import.meta.dirname, 'worker.ts'), url, runId, 'ends'];
  const [code] = await once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  if (code !== 0) throw new Error(`a worker ended with ${code}`);
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
try {
  await migrate(postgres.url);
  const house = benchHouse(postgres.url);
  const { runs, sources } = house.migration;
  const files = [];
  for (let n = 0; n < WORKERS; n += 1) {
    await sources.add(definitionOf(n, true), PLANNER);
    files.push({ source: sourceKey(n), fileName: `${n}.csv`, place: await writeWeak(folder, n) });
  }
  const planned = await runs.plan({ title: 'Weak', files, confirmed: true, meta: PLANNER });
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  const { runId } = planned.run;
  const work = () => Promise.all(Array.from({ length: WORKERS }, () => worker(postgres.url, runId)));
  await runs.advance(runId, 'rehearsed', PLANNER);
  await work();
  await runs.approve(runId, APPROVER, { olderFile: false });
  await runs.advance(runId, 'staged', PLANNER);
  await work();
  const before = await bareRate();
  await runs.advance(runId, 'reconciled', PLANNER);
  const started = performance.now();
  await work();
  const wrapped = rows / ((performance.now() - started) / 1000);
  const bare = (before + (await bareRate())) / 2;
  const run = await runs.find(runId);
  if (run?.state !== 'reconciled') throw new Error(`the run is ${run?.state}`);
  const went = run.parts.reduce((sum, { counts }) => sum + (counts.run?.outcomes?.new ?? 0), 0);
  if (went !== rows) throw new Error(`${went} rows went in`);
  const [left] = await house.db.query<{ n: number }>({
    text: "SELECT count(*)::int AS n FROM legacy_accounts WHERE scheme <> 'wrapped'",
  });
  print(`argon2id alone       ${bare.toFixed(0)} a second on ${WORKERS} threads`);
  print(`rows wrapped and in  ${wrapped.toFixed(0)} a second by ${WORKERS} workers, ${left?.n} of ${rows} left bare`);
  print(`ratio ${(wrapped / bare).toFixed(2)}`);
  await house.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
