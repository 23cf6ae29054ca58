import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ThrowawayFolder {
  readonly path: string;
  remove: () => Promise<void>;
}

/** A folder that goes when it is removed, and also when this process is killed and has no time to. */
export async function throwawayFolder(name: string): Promise<ThrowawayFolder> {
  const path = await mkdtemp(join(tmpdir(), `latchkey-${name}-`));
  // Servers that give up being root must be able to walk through.
  await chmod(path, 0o755);
  // Its server is killed at the same moment and may still write: more than one attempt.
  const clean = 'read -r _; for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 1; done';
  const shell = spawn('/bin/sh', ['-c', clean, 'sh', path], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      shell.kill('SIGKILL');
    },
  };
}
