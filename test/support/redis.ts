import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tether } from '../../scripts/processes/tether.ts';

/** Whether this machine has a redis-server: `describe.skipIf(!redisAvailable)`. */
export const redisAvailable: boolean = spawnSync('redis-server', ['--version']).status === 0;

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Keeps the connections open and answers nothing, as a stalled machine does. */
  freeze: () => void;
  thaw: () => void;
  /** kill -9: what was in it is gone. */
  kill: () => Promise<void>;
  /** A new, empty server on the same port, after `kill`. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

/** A real Redis with nothing on disk, on a free port. */
export async function testRedis(): Promise<TestRedis> {
  const port = await freePort();
  let server = await start(port);

  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    kill,
    async restart() {
      server = await start(port);
    },
    stop: kill,
  };
}

async function start(port: number): Promise<ChildProcess> {
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { cwd: '/tmp', stdio: 'ignore' },
  );
  if (server.pid !== undefined) server.once('exit', tether(server.pid, 'KILL'));
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(10)) {
    if (await answers(port)) return server;
    if (server.exitCode !== null) break;
  }
  server.kill('SIGKILL');
  throw new Error('redis-server did not start');
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('error', () => finish(false));
    socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
    socket.once('connect', () => socket.write('PING\r\n'));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
