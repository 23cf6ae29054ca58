import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canEnter } from './run-as.ts';

const LAUNCHER = join(import.meta.dirname, 'embedded-postgres.ts');

/** A Node of its own, as `npm start` is: it can be killed. */
class Launcher {
  readonly child: ChildProcess;
  readonly started: Promise<{ url: string; pid: number }>;

  constructor(dataDir: string, options: { uid?: number; gid?: number } = {}) {
    const script = `
      const { startPostgres } = await import(${JSON.stringify(LAUNCHER)});
      const postgres = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: true });
      process.send({ url: postgres.url, pid: postgres.pid });
      process.on('message', () => postgres.stop().then(() => process.exit(0)));`;
    this.child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      ...options,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    this.child.stderr?.on('data', (data) => (said += data));
    this.started = Promise.race([
      once(this.child, 'message').then(([message]) => message),
      once(this.child, 'exit').then(() => Promise.reject(new Error(said))),
    ]);
    this.started.catch(() => {});
  }

  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.send('stop');
    await ended;
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

describe('the Postgres that npm ships', () => {
  let folder = '';
  const launchers: Launcher[] = [];
  const launch = (options: { uid?: number; gid?: number; dataDir?: string } = {}): Launcher => {
    const { dataDir = join(folder, 'data', 'postgres'), ...runAs } = options;
    const launcher = new Launcher(dataDir, runAs);
    launchers.push(launcher);
    return launcher;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-launch-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    for (const launcher of launchers.splice(0)) await launcher.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps every committed row when its Node is killed and started again at once', async () => {
    const first = launch();
    const before = await first.started;
    await query(before.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    await first.kill();
    const after = await launch().started;
    expect(after.pid).not.toBe(before.pid);
    expect(await query(after.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
  });

  it('keeps every committed row when Postgres itself is killed', async () => {
    const first = launch();
    const before = await first.started;
    await query(before.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    process.kill(before.pid, 'SIGKILL');
    await first.kill();
    const after = await launch().started;
    expect(await query(after.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
  });

  it('ends by itself when its Node is killed', async () => {
    const first = launch();
    const { url } = await first.started;
    await first.kill();
    await expect
      .poll(
        () =>
          query(url, 'SELECT 1').then(
            () => 'up',
            (error: { code?: string }) => error.code,
          ),
        { timeout: 10_000 },
      )
      .toBe('ECONNREFUSED');
  });

  it('is not taken away from a process that uses it', async () => {
    const { url } = await launch().started;
    await expect(launch().started).rejects.toThrow('is in use by process');
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('starts over a process id that by now is somebody else’s', async () => {
    const dataDir = join(folder, 'data', 'postgres');
    const first = launch();
    await first.started;
    await first.stop();
    const lines = [process.pid, dataDir, 1, 5432, '', '127.0.0.1', '', 'ready'];
    await writeFile(join(dataDir, 'postmaster.pid'), lines.join('\n'));
    const { url } = await launch().started;
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('asks for its password, and listens on loopback only', async () => {
    const { url } = await launch().started;
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  // Only root can be somebody else; for an ordinary user there is nothing here that could be tested, or skipped.
  const nobody = { uid: 65_534, gid: 65_534 };
  if (process.getuid?.() !== 0) return;
  describe('as another user', () => {
    const ownedByNobody = async (): Promise<string> => {
      const dataDir = join(folder, 'own', 'postgres');
      await mkdir(dataDir, { recursive: true });
      await chown(join(folder, 'own'), nobody.uid, nobody.gid);
      await chown(dataDir, nobody.uid, nobody.gid);
      return dataDir;
    };

    it('runs for root as the user whose data it is', async () => {
      const dataDir = await ownedByNobody();
      const { url } = await launch({ dataDir }).started;
      expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
      expect((await stat(dataDir)).uid).toBe(nobody.uid);
    });

    it('runs for root where that user cannot go, and finds its data again', async () => {
      await chmod(folder, 0o700);
      const first = launch();
      const before = await first.started;
      await query(before.url, 'CREATE TABLE kept (n int)');
      const [place] = await query(before.url, 'SHOW data_directory');
      await first.stop();
      const after = await launch().started;
      expect(await query(after.url, 'SELECT * FROM kept')).toEqual([]);
      await launchers.at(-1)!.stop();
      const { data_directory: standIn } = place as { data_directory: string };
      expect(standIn).toMatch(/^\/var\/tmp\/latchkey-0\/data-/);
      await rm(standIn, { recursive: true });
      await rm(`${standIn}.log`);
    });

    if (!canEnter(import.meta.dirname, nobody)) return;
    it('runs for an ordinary user', async () => {
      const { url } = await launch({ ...nobody, dataDir: await ownedByNobody() }).started;
      expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    });
  });
});
