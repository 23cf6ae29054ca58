import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tether } from '../../../scripts/processes/tether.ts';

export interface DaemonOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Its working folder; what it prints lands in a file there. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Asked again and again until it says yes. `log` is what the server has printed so far. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
}

export interface Daemon {
  readonly pid: number;
  /** What it printed so far. */
  log: () => string;
  /** Ends it and its children at once: nothing it has is worth keeping. */
  stop: () => Promise<void>;
}

const START_TIMEOUT_MS = 50_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Starts a server in the foreground and waits until it serves. It ends with us, even when we are killed. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const logFile = join(options.folder, `${basename(options.command)}.log`);
  const output = openSync(logFile, 'w');
  const child = spawn(options.command, options.args, {
    cwd: options.folder,
    env: { PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
    stdio: ['ignore', output, output],
    // A group of its own, so that its workers can be stopped with it.
    detached: true,
  });
  closeSync(output);
  child.on('error', () => {});
  child.unref();
  const log = (): string => readFileSync(logFile, 'utf8');
  if (child.pid === undefined) throw new Error(`${options.command} cannot be started: is its package installed?`);
  child.once('exit', tether(-child.pid, 'KILL'));

  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline && isRunning(child); await sleep(20)) {
    if (await options.isReady(log())) return { pid: child.pid, log, stop: () => stop(child) };
  }
  await stop(child);
  throw new Error(`${options.command} did not start:\n${log().slice(0, 3_000)}`);
}

/** A free port may be somebody else's by the time a server takes it: then all of it again, with other ports. */
export async function onFreePorts<Server>(start: () => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const isTaken = error instanceof Error && /address already in use/i.test(error.message);
      if (!isTaken || attempt === 3) throw error;
    }
  }
}

/** Whether something listens there. */
export function listens(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ port, host });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  child.ref();
  const ended = isRunning(child) ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
  await ended;
}
