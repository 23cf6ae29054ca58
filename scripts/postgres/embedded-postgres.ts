import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tether } from '../processes/tether.ts';
import { postgresBinaries, ownTempFolder } from './binaries.ts';
import { canEnter, chooseRunAs, type RunAs } from './run-as.ts';
import { claimData, clearStaleServer, isReady, stopServer } from './running-server.ts';

export interface PostgresOptions {
  /** Where the data lives; made when it is not there. */
  readonly dataDir: string;
  /** A free port is taken when left out. */
  readonly port?: number;
  /** false: nothing is forced to disk. For tests, whose data is thrown away. */
  readonly durable: boolean;
  /** Further settings, as `shared_buffers=1GB`. */
  readonly settings?: readonly string[];
}

export interface RunningPostgres {
  readonly url: string;
  readonly pid: number;
  stop: () => Promise<void>;
}

const USER = 'latchkey';
const PASSWORD_FILE = 'latchkey-password';
const START_TIMEOUT_MS = 60_000;

/**
 * Starts the Postgres that npm ships, on loopback only. A server that a killed Node left running on the same data is
 * stopped first; data that a living process uses is refused. It ends with this process, even when this process is
 * killed. For demonstrations and tests: never for production, since its OpenSSL gets no more updates.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const wanted = resolve(options.dataDir);
  const runAs = chooseRunAs(wanted);
  const dataDir = placeData(wanted, runAs);
  const native = postgresBinaries(runAs);

  const release = claimData(dataDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise({ native, dataDir, runAs, durable: options.durable });
  await clearStaleServer(dataDir);

  const port = options.port ?? (await freePort());
  const { durable, settings = [] } = options;
  const child = await launch({ native, dataDir, runAs, durable, settings, port });
  const pid = child.pid ?? 0;
  const untether = tether(pid, 'INT', runAs);
  child.once('exit', untether);

  const password = readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    pid,
    async stop() {
      await stopServer(pid, () => isRunning(child));
      release();
    },
  };
}

interface Server {
  readonly native: string;
  readonly dataDir: string;
  readonly runAs: RunAs;
  readonly durable: boolean;
}
type Launched = Server & { readonly port: number; readonly settings: readonly string[] };

/** The data folder, or a stand-in for it that survives a restart where the wanted one is closed to `runAs`. */
function placeData(wanted: string, runAs: RunAs): string {
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(dirname(wanted), runAs)) return wanted;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return join(ownTempFolder('/var/tmp'), `data-${digest}`);
}

/** Makes the cluster beside its place and moves it there whole, so that an interrupted start begins again. */
function initialise({ native, dataDir, runAs, durable }: Server): void {
  const half = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (runAs) {
    chownSync(half, runAs.uid, runAs.gid);
    chownSync(passwordFile, runAs.uid, runAs.gid);
  }
  const where = ['--pgdata', half, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const how = ['--encoding', 'UTF8', '--locale', 'C', ...(durable ? [] : ['--no-sync'])];
  const result = spawnSync(join(native, 'bin', 'initdb'), [...where, ...how], {
    ...runAs,
    cwd: '/',
    encoding: 'utf8',
    env: serverEnvironment(),
  });
  if (result.status !== 0) {
    throw new Error(`initdb failed in ${half}: ${result.stderr}${result.stdout}`, { cause: result.error });
  }
  renameSync(passwordFile, join(half, PASSWORD_FILE));
  renameSync(half, dataDir);
}

async function launch(server: Launched): Promise<ChildProcess> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const logFile = `${server.dataDir}.log`;
  for (;;) {
    const child = spawnServer(server, logFile);
    while (isRunning(child) && !isReady(server.dataDir, child.pid ?? 0) && Date.now() < deadline) await sleep(10);
    if (isRunning(child) && Date.now() < deadline) return child;

    child.kill('SIGKILL');
    const said = readFileSync(logFile, 'utf8');
    // The back ends of a server that was killed need a moment to notice that it is gone.
    const passing = /pre-existing shared memory|lock file .* already exists/.test(said);
    if (!passing || Date.now() > deadline) {
      throw new Error(`Postgres did not start on ${server.dataDir}:\n${said.slice(-2_000)}`);
    }
    await sleep(200);
  }
}

const THROWN_AWAY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'wal_level=minimal'];

function spawnServer({ native, dataDir, runAs, durable, port, settings: further }: Launched, logFile: string) {
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'jit=off',
    'max_wal_senders=0',
    ...(durable ? [] : THROWN_AWAY),
    ...further,
  ];
  const log = openSync(logFile, 'w');
  const child = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', dataDir, ...settings.flatMap((setting) => ['-c', setting])],
    // In a session of its own: Ctrl-C in the terminal reaches us, and we stop it once our own requests are done.
    { ...runAs, cwd: '/', env: serverEnvironment(), stdio: ['ignore', log, log], detached: true },
  );
  child.on('error', () => {});
  child.unref();
  closeSync(log);
  return child;
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function serverEnvironment(): Record<string, string> {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
