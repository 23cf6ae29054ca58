import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PID_FILE = 'postmaster.pid';
const STATUS_LINE = 7;

/** Whether the server that has this process id says in its pid file that it takes connections. */
export function isReady(dataDir: string, pid: number): boolean {
  const lines = pidFileLines(dataDir);
  return lines[0] === String(pid) && (lines[STATUS_LINE] ?? '').trim() === 'ready';
}

/**
 * Clears what a killed Node left behind. A server that still runs on this data is stopped; a pid file whose process is
 * gone, or is by now somebody else's, is removed.
 */
export async function clearStaleServer(dataDir: string): Promise<void> {
  const pid = Number(pidFileLines(dataDir)[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (isServerOf(pid, dataDir)) {
    await stopServer(pid, () => isServerOf(pid, dataDir));
    return;
  }
  rmSync(join(dataDir, PID_FILE), { force: true });
}

/** Fast shutdown; then, when it does not end, immediate shutdown; then kill. */
export async function stopServer(pid: number, isRunning: () => boolean): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + 8_000;
    while (isRunning() && Date.now() < deadline) await sleep(10);
    if (!isRunning()) return;
  }
  throw new Error(`Postgres (pid ${pid}) does not end`);
}

const OWNER_SUFFIX = '.owner';

/**
 * Notes that this process uses the data, so that a second start from the same checkout does not take it away.
 * @throws Error when another process that is alive does. Returns how to give it back.
 */
export function claimData(dataDir: string): () => void {
  const file = `${dataDir}${OWNER_SUFFIX}`;
  const [pid, bornAt] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
  if (pid !== undefined && bornAt && Number(pid) !== process.pid && birthOf(Number(pid)) === bornAt) {
    throw new Error(`${dataDir} is in use by process ${pid}: end it first`);
  }
  writeFileSync(file, `${process.pid} ${birthOf(process.pid)}`);
  return () => rmSync(file, { force: true });
}

// With its time of birth a process id names one process for good: ids come round again.
function birthOf(pid: number): string {
  if (process.platform === 'linux') {
    const file = `/proc/${pid}/stat`;
    // The name, in brackets, may hold spaces. After it come the state and, as the 20th field, the start time.
    const fields = existsSync(file) ? (readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []) : [];
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? '' : (fields[19] ?? '');
  }
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .replaceAll(' ', '_');
}

function pidFileLines(dataDir: string): string[] {
  const path = join(dataDir, PID_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
}

// A process id alone proves nothing: after a restart of the machine or container it may be anybody's. A Postgres server
// works inside its data folder, which Linux tells; elsewhere the command line names the folder.
function isServerOf(pid: number, dataDir: string): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return false;
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(dataDir);
}
