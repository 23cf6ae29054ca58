import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type RunningPostgres, startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { freePort } from './free-port.ts';
import { ask, bring, bytesOf, type RunEstate } from './run-estate.ts';
import { kill, startWorker } from './run-workers.ts';

/** A Postgres of its own that can be killed, and is there again at the same address. */
export interface CrashingPostgres {
  urlOf(database: string): string;
  admin(statement: string): Promise<void>;
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function crashingPostgres(folder: string): Promise<CrashingPostgres> {
  await chmod(folder, 0o755);
  const port = await freePort();
  // Durable: what is committed must be there again. What need not be is put on disk late, so that a crash does lose it.
  const settings = ['wal_writer_delay=10s'];
  const start = () => startPostgres({ dataDir: join(folder, 'pg'), durable: true, port, settings });
  let postgres: RunningPostgres = await start();
  return {
    urlOf(name) {
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async admin(statement) {
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(statement);
      await client.end();
    },
    async crash() {
      process.kill(postgres.pid, 'SIGKILL');
      await sleep(100);
      await postgres.stop();
      postgres = await start();
    },
    stop: () => postgres.stop(),
  };
}

export interface Crashing {
  readonly postgres: CrashingPostgres;
  readonly runId: string;
  readonly kills: number;
  readonly random: () => number;
}

export interface CrashedPhase {
  readonly to: 'reconciled' | 'undone';
  readonly killed: number;
  readonly disturbed: unknown;
  readonly calm: unknown;
}

/** Brings a staged run to its end and back, with one worker, while Postgres is killed under it; beside one left in peace. */
export async function* crashedRun(
  { postgres, runId, kills, random }: Crashing,
  { killed: disturbed, calm }: { readonly killed: RunEstate; readonly calm: RunEstate },
): AsyncGenerator<CrashedPhase> {
  for (const to of ['reconciled', 'undone'] as const) {
    const began = performance.now();
    await bring(calm.runs, runId, to);
    const calmMs = performance.now() - began;
    const expected = await bytesOf(calm.db);
    await ask(disturbed.runs, runId, to);
    const worker = startWorker(disturbed.url, runId, 'waiting');
    await worker.ready;
    let killed = 0;
    // The worker is still there each time, and goes on by itself (I11).
    while ((await disturbed.runs.find(runId).catch(() => undefined))?.state !== to) {
      if (worker.child.exitCode !== null) throw new Error('the worker has given up');
      await sleep(20 + random() * Math.min(400, calmMs / kills));
      if (killed === kills) continue;
      await postgres.crash();
      killed += 1;
    }
    await kill(worker);
    yield { to, killed, disturbed: await bytesOf(disturbed.db), calm: expected };
  }
}
