import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { done, OLWEN } from '../support/run-desk.ts';
import { freePort } from '../support/free-port.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { approve, ask, bring, bytesOf, openRunEstate, prepareRun, type RunEstate } from '../support/run-estate.ts';
import { kill, randomFrom, startWorker } from '../support/run-workers.ts';

let folder: string;
let postgres: RunningPostgres;
let start: () => Promise<RunningPostgres>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-postgres-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  // Durable: what is committed must be there again. What need not be is put on disk late, so that a crash does lose it.
  const settings = ['wal_writer_delay=10s'];
  start = () => startPostgres({ dataDir: join(folder, 'pg'), durable: true, port, settings });
  postgres = await start();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

function urlOf(name: string): string {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function admin(statement: string): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function killPostgres(): Promise<void> {
  process.kill(postgres.pid, 'SIGKILL');
  await sleep(100);
  await postgres.stop();
  postgres = await start();
}

it(
  'F20, F5, I6: Postgres killed under a worker and started again, the run ends byte for byte as undisturbed',
  { timeout: 180_000 },
  async () => {
    await admin('CREATE DATABASE killed');
    await migrate(urlOf('killed'));
    let killed: RunEstate = openRunEstate(urlOf('killed'));
    const runId = await prepareRun(killed, folder, { sources: 2, rows: 1100 });
    await bring(killed.runs, runId, 'rehearsed');
    await approve(killed.runs, runId);
    await bring(killed.runs, runId, 'staged');
    await killed.close();
    await admin('CREATE DATABASE calm TEMPLATE killed');
    killed = openRunEstate(urlOf('killed'));
    const calm = openRunEstate(urlOf('calm'));
    for (const to of ['reconciled', 'undone'] as const) {
      await bring(calm.runs, runId, to);
      const expected = await bytesOf(calm.db);
      const random = randomFrom(to.length);
      await ask(killed.runs, runId, to);
      const worker = startWorker(killed.url, runId, 'waiting');
      await worker.ready;
      await sleep(50 + random() * 400);
      await killPostgres();
      // The worker is still there, and goes on by itself (I11).
      await expect
        .poll(async () => (await killed.runs.find(runId).catch(() => undefined))?.state, { timeout: 60_000 })
        .toBe(to);
      expect(worker.child.exitCode).toBeNull();
      await kill(worker);
      expect(await bytesOf(killed.db)).toEqual(expected);
    }
    await killed.close();
    await calm.close();
  },
);

it(
  'F20, F5: a batch that a crash of Postgres loses while its worker rests is missed, and done again',
  { timeout: 180_000 },
  async () => {
    await admin('CREATE DATABASE lost');
    await migrate(urlOf('lost'));
    const estate = openRunEstate(urlOf('lost'));
    const { runs, db } = estate;
    const runId = await prepareRun(estate, join(folder, 'lost'), { sources: 1, rows: 600 });
    const before = (await bytesOf(db))['legacy_accounts'];
    const loseABatch = async (isDone: string): Promise<void> => {
      const countDone = async (): Promise<number> => {
        const text = `SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND ${isDone}`;
        const [row] = await db.query<{ n: number }>({ text, values: [runId] });
        return row?.n ?? 0;
      };
      const working = runs.work({ runId, untilIdle: true, pace: 2 });
      await expect.poll(countDone, { interval: 2, timeout: 30_000 }).toBe(1);
      await killPostgres();
      expect(await countDone(), 'it is lost').toBe(0);
      await working;
    };
    done(await runs.advance(runId, 'validated', OLWEN));
    await loseABatch('true');
    expect((await runs.find(runId))?.state).toBe('validated');
    await bring(runs, runId, 'rehearsed');
    await approve(runs, runId);
    await bring(runs, runId, 'staged');
    await ask(runs, runId, 'reconciled');
    await loseABatch('applied_at IS NOT NULL');
    // In balance, or it would be `ran`.
    expect((await runs.find(runId))?.state).toBe('reconciled');
    await ask(runs, runId, 'undone');
    await loseABatch('undone_at IS NOT NULL');
    expect((await runs.find(runId))?.state).toBe('undone');
    expect((await bytesOf(db))['legacy_accounts']).toEqual(before);
    await estate.close();
  },
);
