import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../support/config.ts';
import { rentCsv } from '../../support/legacy-estate.ts';
import { type CommandDesk, commandDesk } from '../../support/run-by-command.ts';
import { holdStill } from '../../support/run-workers.ts';

const LATCHKEY = join(import.meta.dirname, '../../../src/cli/latchkey.ts');

let desk: CommandDesk;
let started: Started[] = [];

beforeAll(async () => {
  desk = await commandDesk();
});
afterEach(async () => {
  await Promise.all(started.map(({ end }) => end('SIGKILL')));
  started = [];
});
afterAll(() => desk.drop());

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** The command in a process of its own. */
function start(...args: string[]): Started {
  const { secrets } = testConfig();
  const env = {
    PATH: process.env['PATH'],
    LATCHKEY_ENVIRONMENT: 'test',
    LATCHKEY_ISSUER: 'http://localhost:3000',
    LATCHKEY_POSTGRES_URL: desk.database.url,
    LATCHKEY_SECRETS_MASTER_KEYS: secrets.masterKeys.join(','),
    LATCHKEY_SECRETS_LOOKUP_KEY: secrets.lookupKey,
    LATCHKEY_SECRETS_PAIRWISE_SALT: secrets.pairwiseSalt,
    LATCHKEY_SECRETS_COOKIE_KEYS: secrets.cookieKeys.join(','),
  };
  const child = spawn(process.execPath, [LATCHKEY, 'runs', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
  const ended = once(child, 'close').then(() => child.exitCode);
  const one: Started = {
    child,
    said: () => said,
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
  started.push(one);
  return one;
}

async function count(from: string, ...values: unknown[]): Promise<number> {
  const [row] = await desk.database.db.query<{ n: number }>({ text: `SELECT count(*)::int AS n FROM ${from}`, values });
  return row?.n ?? 0;
}

async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isTrue())) await sleep(10);
}

/** A planned run of files of made-up people. */
async function planned(name: string, parts: number, rowsEach: number, hash?: string): Promise<string> {
  const files = [];
  for (let part = 0; part < parts; part += 1) {
    const source = await desk.newSource(`${name}-${part}`, hash === undefined ? {} : { scheme: 'hex-md5' });
    const people = Array.from({ length: rowsEach }, (_, at) => ({
      id: `${source}-${at}`,
      name: `Ann ${at}`,
      ...(hash !== undefined && { hash }),
    }));
    files.push(`${source}=${await desk.file(`${source}.csv`, rentCsv(people))}`);
  }
  return desk.planned(...files, '--title', name);
}

async function approved(...of: Parameters<typeof planned>): Promise<string> {
  const runId = await planned(...of);
  await desk.runs('rehearse', runId);
  await desk.latchkey('runs', 'approve', runId, '--as', 'bryn');
  return runId;
}

/** Between two batches, however fast they follow each other. */
async function endInTheMiddle({ end }: Started, runId: string, signal: NodeJS.Signals): Promise<number | null> {
  const release = await holdStill(desk.database.db, runId);
  const ended = end(signal);
  // The signal is there at once; the batch that is held still comes to its end.
  await sleep(200);
  await release();
  return ended;
}

const leased = (runId: string) => count('run_parts WHERE run_id = $1 AND lease_until IS NOT NULL', runId);

/** Two workers of one command, each with a file in its hands. */
async function bothAtWork(runId: string): Promise<Started> {
  await desk.runs('start', runId, '--no-work');
  const release = await holdStill(desk.database.db, runId);
  const both = start('start', runId, '--workers', '2', '--pace', '80', '--as', 'olwen');
  await until(async () => (await leased(runId)) >= 2 || both.child.exitCode !== null);
  expect(both.child.exitCode).toBe(null);
  await release();
  return both;
}

const inLedger = (name: string) => count(`legacy_accounts WHERE source LIKE $1`, `${name}-%`);

describe('workers of a run, as processes', () => {
  it(
    'F20: Ctrl-C in the middle gives the work back at once, and the same command goes on',
    { timeout: 120_000 },
    async () => {
      const runId = await planned('halted', 1, 9000);
      const batches = () => count('run_batches WHERE run_id = $1', runId);
      const first = start('rehearse', runId, '--as', 'olwen');
      await until(async () => (await batches()) >= 2);
      expect(await endInTheMiddle(first, runId, 'SIGINT')).toBe(130);
      expect(first.said()).toMatch(/Ended here, and given back: halted is validating.*\n.*latchkey runs rehearse/);
      expect(await leased(runId)).toBe(0);
      expect(await batches()).toBeLessThan(9);
      expect(await start('rehearse', runId, '--as', 'olwen').ended).toBe(0);
      await desk.latchkey('runs', 'approve', runId, '--as', 'bryn');

      const second = start('start', runId, '--as', 'olwen');
      const appliedBatches = () => count('run_batches WHERE run_id = $1 AND applied_at IS NOT NULL', runId);
      await until(async () => (await appliedBatches()) >= 2);
      expect(await endInTheMiddle(second, runId, 'SIGTERM')).toBe(130);
      expect(await leased(runId)).toBe(0);
      expect(await appliedBatches()).toBeLessThan(9);

      expect(await start('start', runId, '--as', 'olwen').ended).toBe(0);
      expect(await inLedger('halted')).toBe(9000);
      const rows = (await desk.latchkey('runs', 'rows', runId, '--outcome', 'new', '--csv')).out
        .trimEnd()
        .split('\r\n');
      expect([rows.length, new Set(rows).size]).toEqual([9001, 9001]);
      expect((await desk.latchkey('runs', 'balance', runId)).out).toContain('Balanced:');
    },
  );

  it('F20: Ctrl-C while weak hashes are wrapped gives that batch back too', { timeout: 60_000 }, async () => {
    const runId = await approved('weak', 1, 150, '5f4dcc3b5aa765d61d8327deb882cf99');
    const held = () => count('run_batches WHERE run_id = $1 AND wrap_until IS NOT NULL', runId);
    const first = start('start', runId, '--as', 'olwen');
    await until(async () => (await held()) === 1);
    expect(await first.end('SIGINT')).toBe(130);
    expect(await held()).toBe(0);
    expect(await leased(runId)).toBe(0);
    expect(await inLedger('weak')).toBe(0);
    expect(await start('start', runId, '--as', 'olwen').ended).toBe(0);
    const bare = await count(`legacy_accounts WHERE source = 'weak-0' AND scheme <> 'wrapped'`);
    expect([await inLedger('weak'), bare]).toEqual([150, 0]);
  });

  it('one that only wraps lets go in the middle when the run is paused', { timeout: 60_000 }, async () => {
    const runId = await approved('wrapped', 1, 150, '5f4dcc3b5aa765d61d8327deb882cf99');
    const batches = (where: string) => count(`run_batches WHERE run_id = $1 AND ${where}`, runId);
    await desk.runs('stage', runId);
    await desk.runs('start', runId, '--no-work');
    const wrapper = start('work', '--wrap-only', '--run', runId);
    await until(async () => (await batches('wrap_until IS NOT NULL')) === 1);
    await desk.runs('pause', runId);
    await until(async () => (await batches('wrap_until IS NULL')) === 1);
    expect(await batches('wrapped_at IS NULL')).toBe(1);
    await desk.runs('resume', runId, '--no-work');
    await until(async () => (await batches('wrapped_at IS NOT NULL')) === 1);
    expect(await wrapper.end('SIGTERM')).toBe(0);
    expect(await inLedger('wrapped')).toBe(0);
  });

  it('two work on one run at the same time, and each row is done once', { timeout: 120_000 }, async () => {
    const runId = await approved('shared', 8, 3000);
    const both = await bothAtWork(runId);
    expect(await both.ended).toBe(0);
    expect(await inLedger('shared')).toBe(24_000);
    expect((await desk.latchkey('runs', 'balance', runId)).out).toMatch(/together +24,000 +24,000[^]*Balanced:/);
  });

  it('one whose starter is killed ends too, and another goes on', { timeout: 120_000 }, async () => {
    const runId = await approved('orphaned', 6, 3000);
    const both = await bothAtWork(runId);
    const children = readFileSync(`/proc/${both.child.pid}/task/${both.child.pid}/children`, 'utf8').trim().split(' ');
    expect(children).toHaveLength(1);
    await both.end('SIGKILL');
    await until(() => children.every((pid) => !isThere(Number(pid))));
    expect(await start('start', runId, '--as', 'olwen').ended).toBe(0);
    expect(await inLedger('orphaned')).toBe(18_000);
  });

  it(
    'one that stays refuses the run of a file that is gone, and goes on with others',
    { timeout: 60_000 },
    async () => {
      const gone = await planned('gone', 1, 10);
      const path = join(desk.folder, 'gone-0.csv');
      await rename(path, `${path}.away`);
      await desk.runs('rehearse', gone, '--no-work');
      const other = await approved('there', 1, 10);
      await desk.runs('start', other, '--no-work');
      const worker = start('work');
      expect((await desk.latchkey('runs', 'watch', other)).out).toContain('there is reconciled');
      expect((await desk.latchkey('runs', 'show', gone)).out).toMatch(
        /refused[^]*gone-0\.csv cannot be read here any more/,
      );
      expect(await worker.end('SIGTERM')).toBe(0);
    },
  );
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
