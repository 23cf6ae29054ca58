import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Ties a process that we started (by a negative id: a group of them) to our own life: a shell waits for our end of a
 * pipe to close, then signals it. Works also when we are killed and have no time to. Returns how to call it off, for
 * when the process ended by itself.
 */
export function tether(pid: number, signal: 'INT' | 'KILL', runAs?: { uid: number; gid: number }): () => void {
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -s "$1" -- "$2"', 'sh', signal, String(pid)], {
    ...runAs,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => {
    shell.kill('SIGKILL');
  };
}
