import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CommandFailure, EXIT } from '../exit-codes.ts';

const LATCHKEY = join(import.meta.dirname, '../latchkey.ts');
const MAX_WORKERS = 64;

export interface StartedWorkers {
  /** Asks them to give back what they hold, and waits until they are gone. */
  end(): Promise<void>;
}

/** Workers in processes of their own. They end with this one, whatever becomes of it: the channel to them closes. */
export function startWorkers(howMany: number, args: readonly string[]): StartedWorkers {
  const children = Array.from({ length: howMany }, () =>
    spawn(process.execPath, [LATCHKEY, 'runs', 'work', ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  for (const child of children) child.channel?.unref();
  return {
    async end() {
      await Promise.all(children.map(endOne));
    },
  };
}

async function endOne(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** @throws CommandFailure unless it is a number of workers. */
export function workersOf(given: string): number {
  const workers = Number(given);
  if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS)
    throw new CommandFailure(EXIT.usage, `--workers is a number from 1 to ${MAX_WORKERS}, not "${given}".`);
  return workers;
}
