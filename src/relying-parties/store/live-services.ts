import type { Service } from '../service.ts';

const REFRESH_AFTER_MS = 2500;
const FORGET_AFTER_MS = 5000;
const FORGET_ABSENT_AFTER_MS = 1000;
const MAX_ENTRIES = 10_000;
const CLIENT_ID = /^[A-Za-z0-9._~-]{1,128}$/;

interface Entry {
  readonly service: Service | undefined;
  readonly readAt: number;
}

export interface LiveServices {
  readonly find: (clientId: string) => Promise<Service | undefined>;
  readonly forget: (clientId: string) => void;
}

/**
 * Remembers services for a moment. In the second half of its life an entry is still given out while it is read again,
 * so a busy service never waits; past its life it is read first. Concurrent readers share one read. A failed read is
 * thrown and not remembered: it is neither an absent service nor a reason to go on with an old one.
 */
export function createLiveServices(deps: {
  readonly read: (clientId: string) => Promise<Service | undefined>;
  readonly now: () => Date;
}): LiveServices {
  const entries = new Map<string, Entry>();
  const reads = new Map<string, Promise<Service | undefined>>();

  const readAgain = (clientId: string): Promise<Service | undefined> => {
    const running = reads.get(clientId);
    if (running) return running;
    const reading = deps.read(clientId);
    reads.set(clientId, reading);
    return settle(clientId, reading, deps.now().getTime());
  };

  const settle = async (clientId: string, reading: Promise<Service | undefined>, readAt: number) => {
    try {
      const service = await reading;
      // `forget` during the read means that this answer may be from before the change.
      if (reads.get(clientId) === reading) remember(clientId, { service, readAt });
      return service;
    } finally {
      if (reads.get(clientId) === reading) reads.delete(clientId);
    }
  };

  const remember = (clientId: string, entry: Entry): void => {
    entries.delete(clientId);
    entries.set(clientId, entry);
    // Made-up client ids must not fill the memory: the oldest entry goes.
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
  };

  return {
    async find(clientId) {
      if (!CLIENT_ID.test(clientId)) return undefined;
      const entry = entries.get(clientId);
      const age = entry ? deps.now().getTime() - entry.readAt : Infinity;
      if (!entry || age >= (entry.service ? FORGET_AFTER_MS : FORGET_ABSENT_AFTER_MS)) return readAgain(clientId);
      // The reader that comes after the entry's life will see a failure; this one has an answer.
      if (entry.service && age >= REFRESH_AFTER_MS) readAgain(clientId).catch(() => undefined);
      return entry.service;
    },
    forget(clientId) {
      entries.delete(clientId);
      reads.delete(clientId);
    },
  };
}
