import { createClient, RESP_TYPES } from 'redis';
import { withinTime } from './within-time.ts';

const CONNECT_TIMEOUT_MS = 1_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

function makeClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false, keepAlive: true },
    commandOptions: {
      // The library's own limit ends with the write, and makes an AbortSignal for each command.
      timeout: undefined,
      typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
    },
  });
}

type Client = ReturnType<typeof makeClient>;

/** One connection at a time, and a circuit breaker: while there is none, nothing is sent and nobody waits. */
export interface Connection {
  current: () => Client | undefined;
  /** Gives this connection up, since answers on it can no longer be told apart from silence, and connects anew. */
  discard: (client: object, reason: Error) => void;
  readonly opened: Promise<void>;
  close: () => Promise<void>;
}

export function keepConnection(options: { readonly url: string }, onError: (error: Error) => void): Connection {
  let live: Client | undefined;
  let isClosed = false;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;

  const lose = (client: object, reason: Error): void => {
    if (isClosed || live !== client) return;
    live = undefined;
    onError(reason);
    connectLater();
  };
  const connectLater = (): void => {
    // Spread, so that a Redis that comes back is not met by every node in the same moment.
    retry = setTimeout(() => void connect(), retryMs * (0.5 + Math.random() / 2)).unref();
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };
  const connect = async (): Promise<void> => {
    const client = makeClient(options.url);
    client.on('error', (error: Error) => lose(client, error));
    client.on('end', () => lose(client, new Error('redis closed the connection')));
    try {
      // A frozen server accepts connections and then says nothing: the library would wait for ever.
      await withinTime(client.connect(), CONNECT_TIMEOUT_MS);
      if (isClosed) return client.destroy();
      live = client;
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (client.isOpen) client.destroy();
      if (isClosed) return;
      onError(error instanceof Error ? error : new Error(String(error)));
      connectLater();
    }
  };

  return {
    current: () => live,
    discard(client, reason) {
      const lost = live === client ? live : undefined;
      lose(client, reason);
      lost?.destroy();
    },
    opened: connect(),
    async close() {
      isClosed = true;
      clearTimeout(retry);
      const last = live;
      live = undefined;
      await last?.close();
    },
  };
}
