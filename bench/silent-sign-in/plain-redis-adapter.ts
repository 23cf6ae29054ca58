import { createClient } from 'redis';
import type { Adapter, AdapterPayload } from 'oidc-provider';

export type RedisClient = ReturnType<typeof connectTo>;

/** The type of the client follows from how it is made. */
export function connectTo(url: string) {
  return createClient({ url });
}

const grantKeyOf = (grantId: string): string => `grant:${grantId}`;
const uidKeyOf = (uid: string): string => `uid:${uid}`;

const CONSUMABLE = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode', 'PushedAuthorizationRequest']);
const OF_A_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode']);

/**
 * The Redis adapter that the protocol library's documentation shows, in its shape: one MULTI a write, a list of keys per
 * grant, a hash for what can be consumed, a second key for what is found by uid. The yardstick of this benchmark.
 */
export function createPlainRedisAdapter(client: RedisClient): (model: string) => Adapter {
  return (model) => {
    const keyOf = (id: string): string => `${model}:${id}`;

    const find = async (id: string): Promise<AdapterPayload | undefined> => {
      if (!CONSUMABLE.has(model)) return parse(await client.get(keyOf(id)));
      const hash = await client.hGetAll(keyOf(id));
      const payload = parse(hash['payload'] ?? null);
      return payload && { ...payload, ...(hash['consumed'] ? { consumed: true } : {}) };
    };

    return {
      async upsert(id, payload, expiresIn = 0) {
        const key = keyOf(id);
        const multi = client.multi();
        if (CONSUMABLE.has(model)) multi.hSet(key, { payload: JSON.stringify(payload) });
        else multi.set(key, JSON.stringify(payload));
        if (expiresIn) multi.expire(key, expiresIn);
        if (OF_A_GRANT.has(model) && payload.grantId !== undefined) {
          const grantKey = grantKeyOf(payload.grantId);
          multi.rPush(grantKey, key);
          const ttl = await client.ttl(grantKey);
          if (expiresIn > ttl) multi.expire(grantKey, expiresIn);
        }
        if (payload.uid !== undefined) {
          multi.set(uidKeyOf(payload.uid), id);
          multi.expire(uidKeyOf(payload.uid), expiresIn);
        }
        await multi.exec();
      },
      find,
      findByUserCode: async () => undefined,
      async findByUid(uid) {
        const id = await client.get(uidKeyOf(uid));
        return id === null ? undefined : find(id);
      },
      async consume(id) {
        await client.hSet(keyOf(id), 'consumed', Math.floor(Date.now() / 1000));
      },
      async destroy(id) {
        await client.del(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        const keys = await client.lRange(grantKeyOf(grantId), 0, -1);
        await client.del([...keys, grantKeyOf(grantId)]);
      },
    };
  };
}

function parse(text: string | null): AdapterPayload | undefined {
  if (text === null) return undefined;
  const payload: AdapterPayload = JSON.parse(text);
  return payload;
}
