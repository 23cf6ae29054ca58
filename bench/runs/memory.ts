import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spawn } from 'node:child_process';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { approve, ask, openRunEstate } from '../../test/support/run-estate.ts';
import { rentPortal } from '../../test/support/legacy-estate.ts';

// How much memory one worker takes for a run of one large file, validated, rehearsed, staged and run. Every address of it comes
// twice, which is the worst for what has to be remembered of them. Usage: node bench/runs/memory.ts [MiB]

const mebibytes = Number(process.argv[2] ?? 300);
const LIMIT_MIB = 256;
const HASH = `$2y$10$${'./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy'.slice(0, 53)}`;
const OPERATOR = { actor: 'operator:bench' };

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

async function* rowsOf(): AsyncGenerator<string> {
  let chunk = 'id,login,hash,email,name,status\n';
  for (let n = 0, sent = 0; sent < mebibytes * 2 ** 20; n += 1) {
    chunk += `RP-${n},user.${n},${HASH},user.${n >> 1}@example.org,Mary O'Neill,live\n`;
    if (chunk.length < 65_536) continue;
    sent += chunk.length;
    yield await Promise.resolve(chunk);
    chunk = '';
  }
}

/** Its peak, in MiB. */
function worker(url: string, runId: string): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=8', join(import.meta.dirname, 'worker.ts'), url, runId],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      const peak = /"peakMiB":([\d.]+)/.exec(said)?.[1];
      if (code === 0 && peak !== undefined) resolve(Number(peak));
      else reject(new Error(`the worker ended with ${code}`));
    });
  });
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-memory-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: false });
try {
  await migrate(postgres.url);
  const estate = openRunEstate(postgres.url);
  await estate.migration.sources.add(rentPortal(), OPERATOR);
  const place = join(folder, 'rows.csv');
  await pipeline(Readable.from(rowsOf()), createWriteStream(place));
  const planned = await estate.runs.plan({
    title: 'Memory',
    files: [{ source: 'rent-portal', fileName: 'rows.csv', place }],
    confirmed: true,
    meta: OPERATOR,
  });
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  const { runId } = planned.run;
  const peaks: number[] = [];
  for (const goal of ['rehearsed', 'staged', 'reconciled', 'undone'] as const) {
    if (goal === 'staged') await approve(estate.runs, runId);
    await ask(estate.runs, runId, goal);
    peaks.push(await worker(postgres.url, runId));
    const run = await estate.runs.find(runId);
    print(`${goal}: ${run?.state}, peak ${Math.round(peaks.at(-1) ?? 0)} MiB`);
    if (run?.state !== goal) throw new Error(JSON.stringify(run?.problems));
  }
  await estate.close();
  const peak = Math.max(...peaks);
  print(`peak memory of a worker ${Math.round(peak)} MiB (limit ${LIMIT_MIB}), file of ${mebibytes} MiB`);
  process.exitCode = peak <= LIMIT_MIB ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
