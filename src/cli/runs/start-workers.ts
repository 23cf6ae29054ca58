import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HowMuch } from './how-much.ts';

const LATCHKEY = join(import.meta.dirname, '../latchkey.ts');

export interface StartedWorkers {
  /** Asks them to give back what they hold, and waits until they are gone. */
  end(): Promise<void>;
}

/** All but this one, in processes of their own. They end with it, whatever becomes of it: the channel to them closes. */
export function startOthers({ workers, pace }: HowMuch, args: readonly string[]): StartedWorkers {
  const children = Array.from({ length: workers - 1 }, () =>
    spawn(process.execPath, ['--max-semi-space-size=8', LATCHKEY, 'runs', 'work', '--pace', `${pace}`, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
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
