import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/index.ts';
import type { AuditBatch } from '../audit/index.ts';
import type { Config } from '../platform/config/config-schema.ts';
import type { KeyRing } from '../platform/crypto/key-ring.ts';
import { createTokenBuckets } from '../platform/http/token-buckets.ts';
import type { Pages } from '../platform/pages/create-pages.ts';
import type { DeliveryHandler } from '../platform/notify/delivery.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { RedisStore } from '../platform/redis/redis-client.ts';
import type { RelyingParties } from '../relying-parties/index.ts';
import { createHandOver, type HandOver } from './interaction/hand-over.ts';
import { createSessionDesk, type SessionDesk } from './interaction/session-desk.ts';
import { registerYourAccount } from './interaction/your-account-client.ts';
import type { OldAccountClaim } from './provider/find-account.ts';
import { createCookieSigner } from './provider/cookie-signer.ts';
import { createLiveProvider, type LiveProvider } from './provider/live-provider.ts';
import { mountProvider } from './provider/mount.ts';
import { createProtocolPages } from './provider/protocol-pages.ts';
import { recordSignIns } from './provider/record-sign-ins.ts';
import { createSubjectOf } from './provider/subject-of.ts';
import { ensureSigningKeys } from './signing-keys/rotate-keys.ts';
import { loadKeySet } from './signing-keys/signing-keys.ts';
import { createPushSubjectEvent } from './signals/push-subject-event.ts';
import { createEnqueueLogout } from './signals/send-backchannel-logout.ts';
import { registerSubjectMap } from './signals/subject-map-grant.ts';
import { createAdapterFactory } from './storage/adapter.ts';
import { sweepSessions } from './storage/sweep-sessions.ts';
import { createProtocolStorage } from './storage/create-protocol-storage.ts';

export interface OidcDeps {
  readonly config: Config;
  readonly db: Database;
  readonly redis: RedisStore | undefined;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly relyingParties: RelyingParties;
  /** What a service of this sector, registered with these sources, may be told; migration knows it. Undefined: nothing. */
  readonly oldAccountClaims: Readonly<
    Record<
      OldAccountClaim,
      (asks: {
        readonly accountId: string;
        readonly sector: string;
        readonly sources: readonly string[];
      }) => Promise<object | undefined>
    >
  >;
  readonly auditBatch: AuditBatch;
  readonly metrics: { readonly signIn: (outcome: string) => void };
  readonly pages: Pages;
  readonly onError: (error: unknown) => void;
  readonly now: () => Date;
}

/** Satisfies `InteractionPort` of the journey engine. */
export type InteractionPort = HandOver & SessionDesk;

export interface Oidc {
  readonly port: InteractionPort;
  /** Sends one logout token now; for the outbox worker. @throws Error when the service did not take it. */
  readonly sendLogout: (payload: Readonly<Record<string, string>>) => Promise<void>;
  /** Sends one signed event to one service now; for the outbox worker. */
  readonly sendSubjectEvent: DeliveryHandler<'security-event'>;
  /** Fastify plugin with every protocol route. */
  readonly plugin: (scope: FastifyInstance) => Promise<void>;
  /** Takes rotated signing keys into use; call it every few seconds. */
  readonly refreshKeys: LiveProvider['refreshKeys'];
  /** Deletes sessions that ran out before then; call it now and then. */
  readonly sweepSessions: (before: Date) => Promise<number>;
  readonly close: () => void;
}

/** Builds the services' door. Makes the first signing keys and puts our own account pages on record. */
export async function createOidc(deps: OidcDeps): Promise<Oidc> {
  const { config, db, keyRing, accounts, relyingParties, now } = deps;
  const { issuer } = config;
  await Promise.all([ensureSigningKeys({ db, keyRing, now }), registerYourAccount(relyingParties, issuer)]);
  const enqueueLogout = createEnqueueLogout(relyingParties, keyRing, now);
  const storage = await createProtocolStorage({ ...deps, enqueueLogout });
  const { endSessions } = storage;

  const live = await createLiveProvider(
    {
      config,
      accounts,
      adapter: createAdapterFactory(storage),
      cookieSigner: createCookieSigner(config.secrets.cookieKeys.map((key) => Buffer.from(key, 'base64url'))),
      pages: createProtocolPages(deps.pages),
      subjectOf: createSubjectOf(db, accounts),
      quotas: createTokenBuckets(config.services.quota, now),
      async tellOldAccounts(claim, { clientId, accountId }) {
        const service = await relyingParties.find(clientId);
        if (service?.status !== 'live' || !service.metadata.claims.includes(claim)) return undefined;
        const { sector, sources } = service.metadata;
        return deps.oldAccountClaims[claim]({ accountId, sector, sources });
      },
      onBuilt(provider) {
        storage.accessTokens.install(provider);
        recordSignIns(provider, deps);
        registerSubjectMap(provider, {
          issuer,
          relyingParties,
          subjects: accounts.subjects,
          sign: (one) => live.sign(one),
        });
      },
    },
    () => loadKeySet(db, keyRing),
  );

  return {
    port: {
      ...createHandOver({ live, relyingParties, endSessions, now }),
      ...createSessionDesk({ ...storage, live, db, keyRing, issuer }),
    },
    sendLogout: ({ clientId = '', accountId = '', sid = '' }) => live.sendLogout(clientId, accountId, sid),
    sendSubjectEvent: createPushSubjectEvent({
      issuer: config.issuer,
      allowLoopback: config.environment !== 'production',
      relyingParties,
      sign: live.sign,
    }),
    plugin: (scope) => mountProvider(scope, { live, issuer: config.issuer }),
    refreshKeys: live.refreshKeys,
    sweepSessions: (before) => sweepSessions(db, before),
    close: () => storage.epoch.stop(),
  };
}
