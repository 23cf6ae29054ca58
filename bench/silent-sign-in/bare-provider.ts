import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { CLIENT_ID, readGiven, REDIRECT, report } from './contender.ts';
import { createWaitCounter } from './count-waits.ts';
import { connectTo, createPlainRedisAdapter, type RedisClient } from './plain-redis-adapter.ts';

// Contender (a): the protocol library by itself, with the adapter that its documentation shows.
const { port, redisUrl, publicJwk } = readGiven();
const issuer = `http://localhost:${port}`;
const client = connectTo(redisUrl);
await client.connect();

const waits = createWaitCounter();
const adapterOf = createPlainRedisAdapter(countCalls(client));
const { privateKey } = await generateKeyPair('ES256', { extractable: true });

const provider = new Provider(issuer, {
  adapter: adapterOf,
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kty: 'EC', alg: 'ES256', use: 'sig' }] },
  clients: [
    {
      client_id: CLIENT_ID,
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...publicJwk, kty: 'EC' }] },
      id_token_signed_response_alg: 'ES256',
    },
  ],
  features: { devInteractions: { enabled: false } },
  routes: { authorization: '/authorize' },
  cookies: { keys: ['a key for the benchmark'] },
  pkce: { required: () => true },
  findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
  async loadExistingGrant(ctx) {
    const { client: rp, session, account, provider: op } = ctx.oidc;
    const grantId = rp && session?.grantIdFor(rp.clientId);
    if (grantId !== undefined) return op.Grant.find(grantId);
    const grant = new op.Grant({ accountId: account?.accountId ?? '', clientId: rp?.clientId ?? '' });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});

const handle = provider.callback();
createServer((request, response) => {
  if (!request.url?.startsWith('/sign-in/')) void handle(request, response);
  else void provider.interactionFinished(request, response, { login: { accountId: crypto.randomUUID() } });
}).listen(port, '127.0.0.1', () => report(issuer, () => ({ waits: waits.take(), postgresQueries: 0 })));

/** Tells the counter of every call that leaves for Redis; a MULTI leaves at its `exec`. */
function countCalls(target: RedisClient): RedisClient {
  return new Proxy(target, {
    get(from, name, receiver) {
      const member: unknown = Reflect.get(from, name, receiver);
      if (typeof member !== 'function') return member;
      if (name === 'multi') {
        return () => {
          const multi = from.multi();
          const exec = multi.exec.bind(multi);
          multi.exec = (...args) => {
            waits.sent();
            return exec(...args);
          };
          return multi;
        };
      }
      return (...args: unknown[]) => {
        waits.sent();
        return Reflect.apply(member, from, args);
      };
    },
  });
}
