import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/platform/postgres/database.ts';

const SCRIPT = join(import.meta.dirname, 'run-worker.ts');

export interface RunWorker {
  readonly child: ChildProcess;
  /** It has begun to look for work. */
  readonly ready: Promise<void>;
  /** Undefined: it was killed. */
  readonly ended: Promise<number | undefined>;
}

export function startWorker(url: string, runId: string, how: 'until-idle' | 'waiting', wrap?: 'wrap'): RunWorker {
  const args = [SCRIPT, url, runId, how, ...(wrap ? [wrap] : [])];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(tmpdir(), 'latchkey-test-compiled') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : undefined));
  const ready = Promise.race([once(child.stdout, 'data'), ended]).then(() => undefined);
  return { child, ready, ended };
}

export async function kill({ child, ended }: RunWorker): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** Workers stand still at their next batch, with what they hold, until the answered function is called. */
export async function holdStill(db: Database, runId: string): Promise<() => Promise<void>> {
  const client = await db.pool.connect();
  await client.query('BEGIN');
  // As long as it takes: workers give way to other tests.
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await client.query({ text: 'SELECT 1 FROM runs WHERE run_id = $1 FOR UPDATE', values: [runId] });
  return async () => {
    await client.query('ROLLBACK');
    client.release();
  };
}

/** Repeatable: a failure is looked into with the seed that it printed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Killing {
  readonly db: Database;
  readonly url: string;
  readonly runId: string;
  readonly kills: number;
  readonly random: () => number;
  /** The latest moment of a kill, after the worker has begun. */
  readonly withinMs: number;
  /** false: leases of the killed are ended by hand, which spares four seconds each. */
  readonly waits: boolean;
}

export interface Killed {
  readonly killed: number;
  /** Seconds from the last kill until somebody was at work again. */
  readonly resumed: number;
}

/** Works on a run with processes that are killed at random moments, then lets the last one finish. */
export async function workThroughKills(killing: Killing): Promise<Killed> {
  const { db, url, runId, kills, random, withinMs, waits } = killing;
  let killed = 0;
  for (let n = 0; n < kills; n += 1) {
    const worker = startWorker(url, runId, 'until-idle');
    await worker.ready;
    // The first one early: a worker that is quicker than was thought is killed too.
    await Promise.race([sleep(random() * (n === 0 ? withinMs / 3 : withinMs)), worker.ended]);
    if (worker.child.exitCode !== null) break;
    await kill(worker);
    killed += 1;
    if (!waits) await endLeases(db, runId);
  }
  const before = await leasesTaken(db, runId);
  const started = performance.now();
  const last = startWorker(url, runId, 'until-idle');
  while (last.child.exitCode === null && (await leasesTaken(db, runId)) === before) await sleep(20);
  const resumed = (performance.now() - started) / 1000;
  if ((await last.ended) !== 0) throw new Error('the worker that nobody killed failed');
  return { killed, resumed };
}

async function leasesTaken(db: Database, runId: string): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: 'SELECT coalesce(sum(lease_no), 0)::int AS n FROM run_parts WHERE run_id = $1',
    values: [runId],
  });
  return row?.n ?? 0;
}

/** As if the time had passed: only where whoever held them is known to be dead. */
export async function endLeases(db: Database, runId: string): Promise<void> {
  await db.query({
    text: "UPDATE run_parts SET lease_until = now() - interval '1 s' WHERE run_id = $1 AND lease_until IS NOT NULL",
    values: [runId],
  });
  await db.query({
    text: "UPDATE run_batches SET wrap_until = now() - interval '1 s' WHERE run_id = $1 AND wrap_until IS NOT NULL",
    values: [runId],
  });
}
