import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const TRIES = 50;
const STEP = 10;

/** Listens on loopback on the wanted port, or the next free one in steps of ten, so that neighbours stay neighbours. */
export async function listenNear(server: Server, wanted: number): Promise<void> {
  for (let port = wanted; ; port += STEP) {
    try {
      server.listen({ port, host: '127.0.0.1' });
      await once(server, 'listening');
      return;
    } catch (error) {
      if (!isInUse(error) || port >= wanted + TRIES * STEP) throw error;
    }
  }
}

/** A port near the wanted one that nothing listens on right now. */
export async function freePortNear(wanted: number): Promise<number> {
  const server = createServer();
  await listenNear(server, wanted);
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}
