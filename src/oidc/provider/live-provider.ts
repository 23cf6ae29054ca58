import type { JWK } from 'jose';
import { type Adapter, type Client, Provider } from 'oidc-provider';
import { secretMatches } from '../../relying-parties/index.ts';
import { signStatement, type Statement } from '../signals/sign-statement.ts';
import { configureProvider, type ProviderDeps } from './configure-provider.ts';
import { guardResponses } from './guard-responses.ts';
import { limitServices } from './limit-services.ts';

/** Sends a back-channel logout to one service, now. @throws Error when the service did not take it. */
export type SendLogout = (clientId: string, accountId: string, sid: string | undefined) => Promise<void>;

/**
 * The provider in use. The library takes its keys once, so a rotation builds another provider and puts it in place;
 * requests under way finish on the one they began with.
 */
export interface LiveProvider {
  readonly current: () => Provider;
  /** Answers a raw request. */
  readonly handle: RequestHandler;
  readonly sendLogout: SendLogout;
  /** Signs with the key that ID tokens are signed with now. */
  readonly sign: (statement: Statement) => Promise<string>;
  /** Takes the keys of `loadKeys` when they changed. */
  readonly refreshKeys: () => Promise<void>;
}

export async function createLiveProvider(deps: ProviderDeps, loadKeys: () => Promise<JWK[]>): Promise<LiveProvider> {
  let fingerprint = '';
  let live: Built | undefined;

  const refreshKeys = async (): Promise<Built> => {
    const keys = await loadKeys();
    const print = keys.map((key) => key.kid).join(' ');
    if (live && print === fingerprint) return live;
    live = build(deps, keys);
    fingerprint = print;
    return live;
  };
  live = await refreshKeys();
  const built = (): Built => live ?? build(deps, []);

  return {
    current: () => built().provider,
    handle: (request, response) => built().handle(request, response),
    sendLogout: (clientId, accountId, sid) => built().sendLogout(clientId, accountId, sid),
    sign: (statement) => built().sign(statement),
    refreshKeys: async () => {
      await refreshKeys();
    },
  };
}

type RequestHandler = ReturnType<Provider['callback']>;

/** What the library's clients do beyond its published types. */
/** How the library finds a client; it hashes all metadata each time to see whether it made that one before. */
interface ClientFinder {
  find(id: string): Promise<Client | undefined>;
}

interface ClientPrototype {
  backchannelLogout(this: Client, accountId: string, sid: string): Promise<void>;
  includeSid(): boolean;
}

function hasLogout<T extends object>(prototype: T): prototype is T & ClientPrototype {
  return 'backchannelLogout' in prototype && typeof prototype.backchannelLogout === 'function';
}

interface Built {
  readonly provider: Provider;
  readonly handle: RequestHandler;
  readonly sendLogout: SendLogout;
  readonly sign: LiveProvider['sign'];
}

function build(deps: ProviderDeps, keys: JWK[]): Built {
  const provider = new Provider(deps.config.issuer, configureProvider(deps, keys));
  // It reads X-Forwarded-Proto, which is ours by then (mount); the other forwarded headers it never looks at.
  provider.proxy = true;
  guardResponses(provider, deps.pages);
  deps.onBuilt(provider);

  rememberClients(provider.Client, deps.adapter('Client'));
  limitServices(provider, deps.quotas);
  const { prototype } = provider.Client;
  if (!hasLogout(prototype)) throw new TypeError('this version of the protocol library has no back-channel logout');
  // oxlint-disable-next-line typescript/unbound-method -- called below with its client as `this`
  const sendNow = prototype.backchannelLogout;
  // Ending a session puts its notices into the outbox in the same transaction; nothing is sent inline.
  prototype.backchannelLogout = async () => {};
  prototype.compareClientSecret = compareClientSecret;
  // By the `sid` in a hint we know that it is of this session, whether or not the service takes logout tokens (D15).
  prototype.includeSid = () => true;
  // Our registration names the sector; the library would guess it from the redirect addresses.
  Object.defineProperty(prototype, 'sectorIdentifier', {
    get(this: { sector?: string; clientId: string }) {
      return this.sector ?? this.clientId;
    },
  });

  return {
    provider,
    handle: provider.callback(),
    sign: (statement) => signStatement(keys, statement),
    async sendLogout(clientId, accountId, sid) {
      const client = await provider.Client.find(clientId);
      if (client?.backchannelLogoutUri) await sendNow.call(client, accountId, sid ?? '');
    },
  };
}

/** A view of a service is one object as long as it does not change: the client made of it is found by that. */
function rememberClients(model: ClientFinder, views: Adapter): void {
  const clients = new WeakMap<object, Client>();
  const find = model.find.bind(model);
  model.find = async (id) => {
    const view = typeof id === 'string' && id !== '' ? await views.find(id) : undefined;
    if (!view) return undefined;
    const known = clients.get(view);
    if (known) return known;
    const client = await find(id);
    if (client) clients.set(view, client);
    return client;
  };
}

function compareClientSecret(this: { clientSecret?: string }, actual: string): boolean {
  return secretMatches(this.clientSecret ?? '', actual);
}
