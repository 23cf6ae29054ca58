import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface There {
  readonly id: string;
  password: string;
  status?: 'closed';
  email?: string;
  name?: string;
}

/** An old system that still runs, whose people change their passwords there. */
export interface ChangingOldSystem {
  readonly people: Map<string, There>;
  /** Names that it was asked for, in order. */
  readonly asked: string[];
  isAway: boolean;
  /** `adapter` of a definition. */
  readonly adapter: Record<string, unknown>;
  stop(): Promise<void>;
}

export async function changingOldSystem(): Promise<ChangingOldSystem> {
  const people = new Map<string, There>();
  const system = { people, asked: [] as string[], isAway: false };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const typed = JSON.parse(Buffer.concat(chunks).toString()) as { login: string; password: string };
      system.asked.push(typed.login);
      const [status, body] = answerOf(system, typed);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return Object.assign(system, {
    adapter: {
      family: 'http',
      method: 'M09',
      url: `http://127.0.0.1:${port}/log-in`,
      attributes: [
        { name: 'email', path: 'email' },
        { name: 'name', path: 'name' },
      ],
      refusals: [
        { status: [401], as: 'wrong-secret' },
        { status: [403], as: 'disabled' },
      ],
      // Never left alone: tests of the breaker are elsewhere.
      limits: { floorMs: 0, breakAfter: 100 },
    },
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
}

function answerOf(
  { people, isAway }: { readonly people: Map<string, There>; readonly isAway: boolean },
  { login, password }: { readonly login: string; readonly password: string },
): [number, object] {
  if (isAway) return [500, {}];
  const person = people.get(login);
  if (!person || person.password !== password) return [401, {}];
  return person.status === 'closed' ? [403, { status: 'closed' }] : [200, person];
}
