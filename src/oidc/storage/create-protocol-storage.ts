import type { Accounts } from '../../accounts/index.ts';
import { createCopySealer } from '../../platform/crypto/copy-sealer.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { RedisStore } from '../../platform/redis/redis-client.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { ProtocolStorage } from './adapter.ts';
import { createClientView } from './client-view.ts';
import { createServiceAccess } from './end-access.ts';
import { createEndSessions, type EnqueueLogout } from './end-sessions.ts';
import { createGrantStorage } from './grant-storage.ts';
import { createLayeredArtefacts } from './layered-artefacts.ts';
import { watchPerishableEpoch } from './perishable-epoch.ts';
import { createPostgresArtefacts } from './postgres-artefacts.ts';
import { createRedisArtefacts } from './redis-artefacts.ts';
import { createReplayMemory } from './replay-memory.ts';
import { createSessionCopies, NO_COPIES } from './session-copies.ts';
import { createSessionStorage } from './session-storage.ts';
import { createTellRedis } from './tell-redis.ts';

const EPOCH_POLL_MS = 1000;

export interface StorageDeps {
  readonly db: Database;
  readonly redis: RedisStore | undefined;
  readonly keyRing: KeyRing;
  readonly accounts: Pick<Accounts, 'subjects'>;
  readonly relyingParties: RelyingParties;
  readonly enqueueLogout: EnqueueLogout;
  readonly onError: (error: unknown) => void;
  readonly now: () => Date;
}

/** Joins the stores: Postgres for what must not be lost, Redis (when there is one) for what may expire. */
export async function createProtocolStorage(deps: StorageDeps): Promise<ProtocolStorage> {
  const { db, redis, keyRing, now } = deps;
  const epoch = await watchPerishableEpoch(db, EPOCH_POLL_MS, deps.onError);
  const durable = createPostgresArtefacts({ db, keyRing, now });
  const sealer = createCopySealer(keyRing.derive('oidc-copies'));
  const redisArtefacts = redis && createRedisArtefacts(redis, sealer);
  const copies = redis ? createSessionCopies(redis, sealer, epoch) : NO_COPIES;
  const tellRedis = createTellRedis(db, epoch);
  const { subjects } = deps.accounts;
  const grants = createGrantStorage({ db, keyRing, subjects, copies, redis: redisArtefacts, tellRedis, now });
  const replays = createReplayMemory({
    db,
    epoch,
    postgres: durable,
    redis,
    now,
  });
  const readServices = (ids: readonly string[]): Promise<unknown> =>
    Promise.all(ids.map((id) => deps.relyingParties.find(id)));
  await replays.begin();
  return {
    clients: createClientView(deps.relyingParties),
    sessions: createSessionStorage({ db, keyRing, copies, tellRedis, now }),
    grants,
    durable,
    perishable: redisArtefacts ? createLayeredArtefacts(redisArtefacts, durable) : durable,
    accessTokens: createAccessTokens(keyRing, grants, now),
    replays,
    epoch,
    endSessions: createEndSessions({ db, keyRing, grants, enqueueLogout: deps.enqueueLogout, readServices, now }),
    access: createServiceAccess({ db, keyRing, grants, enqueueLogout: deps.enqueueLogout, readServices, now }),
    now,
  };
}
