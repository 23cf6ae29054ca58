import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type AdapterSettings, type Came, createLegacy, type Legacy, type Sifted } from '../../src/legacy/index.ts';
import { cameOf } from '../../src/journeys/old-proof/came-of.ts';

type Adapter = Extract<Awaited<ReturnType<Legacy['adapterOf']>>, { kind: 'assertion' }>;
type Edge = Extract<AdapterSettings, { family: 'edge' }>;
type Answer = Awaited<ReturnType<Adapter['read']>>;

export const HANDLE = `journey-1.${'h'.repeat(43)}`;

/** What a gateway at this machine's address says. */
export const came = (headers: Readonly<Record<string, string | readonly string[]>>, peer = '127.0.0.1'): Came => ({
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
  peer,
  peerCertificate: undefined,
});

export interface AssertedSystem {
  read(came: Came, handle?: string): Promise<Answer>;
  sift(came: Came): Promise<Sifted>;
  probe: () => ReturnType<Legacy['probe']>;
  readonly remembered: Set<string>;
  close: () => Promise<void>;
}

export interface Asserted {
  readonly settings: Edge;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
}

const unused = (): never => {
  throw new Error('this family has no use for it');
};

/** One gateway in front of us. Never waits for the floor on time. */
export function assertedSystem({ settings, secrets = {}, now = () => new Date() }: Asserted): AssertedSystem {
  const remembered = new Set<string>();
  const legacy = createLegacy({
    allow: ['127.0.0.1:*', 'localhost:*'],
    secrets,
    records: () => ({
      find: async () => unused(),
      checkPassword: async () => unused(),
      counter: async () => unused(),
      advance: async () => unused(),
    }),
    replays: () => ({ once: async (key) => remembered.size < remembered.add(key).size }),
    metrics: { answered: () => {}, fault: () => {} },
    now,
    onFault: () => {},
  });
  const source = {
    source: 'old-system',
    version: 1,
    identifierLabel: { en: 'User name' },
    settings: { ...settings, limits: { floorMs: 0, ...settings.limits } },
  };
  const adapter = async (): Promise<Adapter> => {
    const found = await legacy.adapterOf(source);
    if (found.kind !== 'assertion') throw new Error('not an assertion adapter');
    return found;
  };
  return {
    read: async (all, handle = HANDLE) => {
      const ready = await adapter();
      // As a journey would: it is given no header but those that were kept.
      const { headers } = ready.sift(all);
      return ready.read({ ...all, headers, handle, binding: ['test'] }, async () => undefined);
    },
    sift: async (all) => (await adapter()).sift(all),
    probe: () => legacy.probe(source),
    remembered,
    close: () => legacy.close(),
  };
}

export interface Behind {
  readonly url: string;
  /** What it has answered so far. */
  readonly answers: readonly Answer[];
  /** Whom it asks from now on. */
  use(system: AssertedSystem): void;
  stop: () => Promise<void>;
}

/** What stands behind a gateway: reads each request as our pages do, and answers what the adapter made of it. */
export async function startBehind(tls?: { cert: string; key: string; ca: string }): Promise<Behind> {
  let system: AssertedSystem | undefined;
  const answers: Answer[] = [];
  const listener: RequestListener = (request, response) => {
    const handle = new URL(request.url ?? '/', 'http://behind').searchParams.get('handle') ?? HANDLE;
    const answerIt = async (): Promise<void> => {
      const answer = await system?.read(cameOf(request), handle);
      if (answer) answers.push(answer);
      response.end(JSON.stringify(answer));
    };
    answerIt().catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
  const server = tls
    ? createSecureServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
    : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    answers,
    use: (other) => {
      system = other;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export interface Served {
  readonly url: string;
  /** What it answers from now on: a file, bytes, a status, or nothing at all. */
  body: string | Buffer | number | undefined;
  asked: number;
  stop: () => Promise<void>;
}

/** A server of one file: a revocation list, a set of keys. */
export async function serve(body: Served['body']): Promise<Served> {
  const server = createServer((_request, response) => {
    served.asked += 1;
    const { body: now } = served;
    if (typeof now === 'number') response.writeHead(now).end();
    else if (now !== undefined) response.end(now);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const served: Served = {
    url: `http://127.0.0.1:${port}/file`,
    body,
    asked: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return served;
}
