import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const LATCHKEY = join(import.meta.dirname, '../src/cli/latchkey.ts');

/**
 * What operators ask of runs on their pages is done by a worker beside the provider, as it would be elsewhere. Answers how to
 * end it; it ends by itself when this process is killed.
 */
export function startRunWorker(env: Readonly<Record<string, string | undefined>>, log: Writable): () => Promise<void> {
  const child = spawn(process.execPath, ['--max-semi-space-size=8', LATCHKEY, 'runs', 'work'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr?.pipe(log, { end: false });
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
}
