import {
  createLegacy,
  type AdapterSettings,
  type Delivery,
  type Legacy,
  type SourceHealth,
} from '../../src/legacy/index.ts';

type Adapter = Extract<Awaited<ReturnType<Legacy['adapterOf']>>, { kind: 'password' }>;
type Answer = Awaited<ReturnType<Adapter['answer']>>;

export interface DirectlyAskedSystem {
  /** Asks through the guard, as a journey would. */
  answer(fields: Readonly<Record<string, string>>, state?: string): Promise<Answer>;
  open: () => ReturnType<Adapter['open']>;
  probe: () => ReturnType<Legacy['probe']>;
  health: () => SourceHealth | undefined;
  close: () => Promise<void>;
}

export interface Asked {
  readonly settings: AdapterSettings;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Hosts beside 127.0.0.1. */
  readonly allow?: readonly string[];
  readonly now?: () => Date;
}

const unused = (): never => {
  throw new Error('this family has no use for it');
};
const delivery: Delivery = { send: async () => unused(), check: async () => unused() };

/** One old system whose protocol needs neither records nor codes of ours. Never waits for the floor on time. */
export function directlyAskedSystem({ settings, secrets = {}, allow = [], now }: Asked): DirectlyAskedSystem {
  const legacy = createLegacy({
    allow: ['127.0.0.1:*', 'localhost:*', ...allow],
    secrets,
    records: () => ({
      find: async () => unused(),
      checkPassword: async () => unused(),
      counter: async () => unused(),
      advance: async () => unused(),
    }),
    replays: () => ({ once: async () => unused() }),
    metrics: { answered: () => {}, fault: () => {} },
    now: now ?? (() => new Date()),
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
    if (found.kind !== 'password') throw new Error('not a password adapter');
    return found;
  };
  const place = { binding: ['test'], language: 'en', delivery } as const;
  return {
    answer: async (fields, state = '') => (await adapter()).answer({ ...place, fields, state }, async () => undefined),
    open: async () => (await adapter()).open(place),
    probe: () => legacy.probe(source),
    health: () => legacy.health()[0],
    close: () => legacy.close(),
  };
}
