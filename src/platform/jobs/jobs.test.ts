import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { createPeriodicJobs } from './periodic-jobs.ts';
import { sweepExpired } from './sweep-expired.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

it('runs again and again, never twice at once, and survives a failure', async () => {
  const registry = new Registry();
  const warnings: object[] = [];
  const jobs = createPeriodicJobs({
    logger: { warn: (fields) => warnings.push(fields) },
    metrics: { registry },
    random: () => 0.5,
  });
  let running = 0;
  let most = 0;
  let runs = 0;
  jobs.every(5, 'test', async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(10);
    running -= 1;
    runs += 1;
    if (runs === 1) throw new Error('once');
  });
  await expect.poll(() => runs).toBeGreaterThanOrEqual(3);
  await jobs.stop();
  const ended = runs;
  await sleep(40);
  expect({ most, running, runs }).toEqual({ most: 1, running: 0, runs: ended });
  expect(warnings).toHaveLength(1);
  const text = await registry.metrics();
  expect(text).toContain('latchkey_jobs_total{job="test",outcome="failed"} 1');
  expect(text).toMatch(/latchkey_jobs_total\{job="test",outcome="done"\} [2-9]/);
});

it('stop waits for the work under way and tells it', async () => {
  const jobs = createPeriodicJobs({ logger: { warn() {} }, metrics: { registry: new Registry() }, random: () => 0 });
  let told = false;
  let begun = false;
  jobs.every(1000, 'slow', async (signal) => {
    begun = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    told = true;
  });
  await expect.poll(() => begun).toBe(true);
  await jobs.stop();
  expect(told).toBe(true);
});

it('sweeps what ran out and leaves the rest, in batches', async () => {
  const { db } = database;
  await db.query({
    text: `INSERT INTO attempt_counters (counter_key, count, started_at, expires_at)
           SELECT decode(lpad(to_hex(n), 8, '0'), 'hex'), 1, now(), now() + (n - 1200) * interval '1 minute'
           FROM generate_series(1, 1300) n`,
  });
  expect(await sweepExpired(db, 'attempt_counters', new Date())).toBeGreaterThanOrEqual(1199);
  expect(await sweepExpired(db, 'attempt_counters', new Date())).toBe(0);
  expect(await db.query({ text: 'SELECT count(*)::integer AS left FROM attempt_counters' })).toEqual([{ left: 100 }]);
  for (const table of ['oidc_artefacts', 'journeys', 'one_time_codes', 'grants'] as const)
    expect(await sweepExpired(db, table, new Date())).toBe(0);
});
