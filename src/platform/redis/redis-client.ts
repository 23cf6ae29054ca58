import { ErrorReply } from 'redis';
import { unavailable } from '../failure/latchkey-error.ts';
import { keepConnection, type Connection } from './redis-connection.ts';
import { withinTime } from './within-time.ts';

/**
 * The few Redis commands we use. Commands issued in one tick travel together in one write, so `Promise.all` of three is
 * one round trip. Every method throws LatchkeyError `unavailable` when Redis is away, slow, read-only or full: nothing
 * is known then, and absence is never reported.
 */
export interface RedisStore {
  /** `undefined`: not there. */
  get: (key: string) => Promise<Buffer | undefined>;
  /** In the order of `keys`, which share one hash tag (rule Q1). */
  mget: (keys: readonly string[]) => Promise<(Buffer | undefined)[]>;
  /** `false`: `onlyIfAbsent` was asked for and the key was there. Of parallel such calls exactly one is told `true`. */
  set: (key: string, value: Uint8Array, options: SetOptions) => Promise<boolean>;
  del: (keys: readonly string[]) => Promise<void>;
  /** Changes when another server took over: what was written before may be lost (rule Q5). */
  replicationId: () => Promise<string>;
  /** Whether commands are sent at all just now. While not, they fail at once and nobody waits. */
  ready: () => boolean;
  /** Resolves when the first attempt to connect has ended, well or badly. Never rejects. */
  readonly opened: Promise<void>;
  close: () => Promise<void>;
}

export interface SetOptions {
  readonly ttlSeconds: number;
  readonly onlyIfAbsent?: boolean;
}

export interface RedisOptions {
  readonly url: string;
  /** A command that has no answer by then is given up, and its connection with it. */
  readonly timeoutMs: number;
  /** Called with each command's name: for counting in tests and benchmarks. */
  readonly onCommand?: (name: string) => void;
  /** Called once for all commands that travel together: their number is the number of sequential waits. */
  readonly onRoundTrip?: () => void;
}

/** Connects in the background, and again for ever after a failure. `onError` is told of each lost or failed connection. */
export function openRedis(options: RedisOptions, onError: (error: Error) => void): RedisStore {
  const connection = keepConnection(options, onError);
  const observe = observer(options);

  const send = async (...args: (string | Buffer)[]): Promise<unknown> => {
    observe(String(args[0]));
    const client = connection.current();
    if (!client) throw unavailable('redis');
    const sent = Promise.resolve<unknown>(client.sendCommand(args));
    try {
      return await withinTime(sent, options.timeoutMs, () => connection.discard(client, new Error('redis timed out')));
    } catch (error) {
      throw asFailure(error, connection, client);
    }
  };

  return {
    get: async (key) => asBuffer(await send('GET', key)),
    async mget(keys) {
      const found = await send('MGET', ...keys);
      return Array.isArray(found) ? found.map(asBuffer) : [];
    },
    async set(key, value, { ttlSeconds, onlyIfAbsent }) {
      const condition = onlyIfAbsent === true ? ['NX'] : [];
      const reply = await send(
        'SET',
        key,
        asBuffer(value) ?? Buffer.from(value),
        'EX',
        String(ttlSeconds),
        ...condition,
      );
      return reply !== null;
    },
    async del(keys) {
      await send('DEL', ...keys);
    },
    async replicationId() {
      const match = /^master_replid:(\w+)/m.exec(String(await send('INFO', 'replication')));
      if (!match?.[1]) throw unavailable('redis: no replication id');
      return match[1];
    },
    ready: () => connection.current() !== undefined,
    opened: connection.opened,
    close: connection.close,
  };
}

function asBuffer(reply: unknown): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined;
}

/** A mistake of ours (wrong type, bad syntax) stays what it is; everything else says that Redis cannot serve. */
function asFailure(error: unknown, connection: Connection, client: object): unknown {
  if (!(error instanceof ErrorReply)) return unavailable('redis', error);
  if (/^(WRONGTYPE|ERR)\b/.test(error.message)) return error;
  // After a fail-over the old primary still answers, but only to say that it is no longer the one.
  if (/^(READONLY|MASTERDOWN)\b/.test(error.message)) connection.discard(client, error);
  return unavailable('redis', error);
}

function observer({ onCommand, onRoundTrip }: RedisOptions): (name: string) => void {
  if (!onCommand && !onRoundTrip) return () => {};
  let isBatchOpen = false;
  return (name) => {
    onCommand?.(name);
    if (isBatchOpen) return;
    isBatchOpen = true;
    onRoundTrip?.();
    setImmediate(() => {
      isBatchOpen = false;
    });
  };
}
