import { Value } from 'typebox/value';
import { AdapterSettings, createLegacy, type Legacy, type SourceHealth } from '../../src/legacy/index.ts';

type Adapter = Extract<Awaited<ReturnType<Legacy['adapterOf']>>, { kind: 'redirect' }>;
type Finished = Awaited<ReturnType<Adapter['finish']>>;

export const CALLBACK = 'http://127.0.0.1:4000/old-sign-in/old-system';

/** One browser, away at the old system. */
export interface Journey {
  readonly handle: string;
  readonly url: string;
  /** Of a form that the browser posts to `url`; empty for a redirect. */
  readonly fields: Readonly<Record<string, string>>;
  /** Through the guard, as a journey would. */
  finish: (parameters: Readonly<Record<string, string>>) => Promise<Finished>;
}

export interface RedirectedSystem {
  depart: () => Promise<Journey>;
  /** As `depart`, when it may fail. */
  tryToDepart: () => ReturnType<Adapter['depart']>;
  handleOf: (parameters: Readonly<Record<string, string>>) => Promise<string | undefined>;
  probe: () => ReturnType<Legacy['probe']>;
  health: () => SourceHealth | undefined;
  /** Keys that were remembered. */
  readonly remembered: Set<string>;
  close: () => Promise<void>;
}

export interface Redirected {
  readonly settings: AdapterSettings;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  readonly callbackUrl?: string;
}

const unused = (): never => {
  throw new Error('this family has no use for it');
};

/** One old system that browsers are sent to and come back from. Never waits for the floor on time. */
export function redirectedSystem(options: Redirected): RedirectedSystem {
  const { settings, secrets = {}, now = () => new Date(), callbackUrl = CALLBACK } = options;
  if (!Value.Check(AdapterSettings, settings)) throw new Error('not the settings of an adapter');
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
    replays: () => ({
      once: async (key) => remembered.size < remembered.add(key).size,
    }),
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
    if (found.kind !== 'redirect') throw new Error('not a redirect adapter');
    return found;
  };
  const leave = async (handle: string) =>
    (await adapter()).depart({ language: 'en', callbackUrl, handle }, async () => undefined);
  return {
    async depart() {
      const handle = crypto.randomUUID().replaceAll('-', '').repeat(2).slice(0, 43);
      const departed = await leave(handle);
      if (departed.outcome !== 'redirect' && departed.outcome !== 'form') throw new Error(JSON.stringify(departed));
      const { state } = departed;
      const finish: Journey['finish'] = async (parameters) =>
        (await adapter()).finish({ callbackUrl, handle, state, parameters });
      return departed.outcome === 'form'
        ? { handle, url: departed.action, fields: departed.fields, finish }
        : { handle, url: departed.url, fields: {}, finish };
    },
    tryToDepart: () => leave('a-handle'),
    handleOf: async (parameters) => (await adapter()).handleOf(parameters),
    probe: () => legacy.probe(source),
    health: () => legacy.health()[0],
    remembered,
    close: () => legacy.close(),
  };
}
