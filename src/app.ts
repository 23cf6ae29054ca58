import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Accounts } from './accounts/index.ts';
import { type House, openHouse } from './house.ts';
import { type JourneyDeps, journeysPages, journeysPlugin } from './journeys/index.ts';
import { openRunFolder, operatorsPages, operatorsPlugin, type RunFolder, showSourceHealth } from './operators/index.ts';
import { createOidc, type Oidc, type OidcDeps, oidcPages } from './oidc/index.ts';
import type { Config } from './platform/config/config-schema.ts';
import { createHttp } from './platform/http/create-http.ts';
import { addInsideRoute } from './platform/http/metrics-route.ts';
import { createPeriodicJobs, type PeriodicJobs } from './platform/jobs/periodic-jobs.ts';
import { sweepExpired } from './platform/jobs/sweep-expired.ts';
import { inboxPages, inboxPlugin } from './platform/notify/inbox/inbox-plugin.ts';
import { sweepOutbox } from './platform/notify/outbox-store.ts';
import { createOutboxWorker, type OutboxWorker } from './platform/notify/outbox-worker.ts';
import { createSenders } from './platform/notify/senders/create-senders.ts';
import { createPages, type Pages } from './platform/pages/create-pages.ts';
import type { RedisStore } from './platform/redis/redis-client.ts';
import type { Metrics } from './platform/telemetry/create-metrics.ts';

export interface AppOptions {
  readonly config: Config;
  readonly logger: FastifyServerOptions['logger'];
  readonly now?: () => Date;
  readonly metrics?: Metrics;
  /** The citizens' pages; tests of the protocol alone put a stand-in here. */
  readonly citizensDoor?: CitizensDoor;
}

export type CitizensDoor = (deps: JourneyDeps) => (scope: FastifyInstance) => Promise<void>;

/** The whole application: `http` takes requests (or `inject`), `close` drains and ends everything. */
export interface App {
  readonly http: FastifyInstance;
  readonly house: House;
  readonly oidc: Oidc;
  readonly outbox: OutboxWorker;
  /** Begins the work that repeats: mail, sweeping, taking up rotated keys. Tests that drive it themselves leave it. */
  startJobs(): void;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
/** Without their content: only that they were sent, or why not. */
const KEEP_SENT_MS = 7 * 24 * 3600 * 1000;
const KEYS_EVERY_MS = 5_000;
/** A cut-over that goes wrong must be back within a minute. */
const CUTOVERS_EVERY_MS = 5_000;
const SESSIONS_AT_ONCE = 100;
const SWEPT = [
  'oidc_artefacts',
  'journeys',
  'one_time_codes',
  'attempt_counters',
  'grants',
  'legacy_proofs',
  'legacy_vouchers',
  'legacy_attestations',
  'legacy_replays',
  'legacy_returns',
  'link_attempts',
  'account_proofs',
  'contact_changes',
  'operator_challenges',
] as const;

/** Joins stores, domains and doors. Holds no rules. */
export async function buildApp({
  config,
  logger,
  now,
  metrics,
  citizensDoor = journeysPlugin,
}: AppOptions): Promise<App> {
  const failures = createFailureLog();
  const { onError } = failures;
  const house = openHouse({ config, onError, now, metrics });
  const redis = await openRedisOf(house);
  const pages = createPages({ folders: [oidcPages, journeysPages, operatorsPages, inboxPages] });
  const redisReady = redis && (() => redis.ready());
  const http = await createHttp({ config, logger, metrics: house.metrics, db: house.db, pages, redisReady });
  failures.writeTo((error) => http.log.error({ err: error }, 'unexpected'));

  addInsideRoute(http, config.http, {
    path: '/health/sources',
    answer: (request, reply) => showSourceHealth(house, request, reply),
  });
  const oidc = await createOidc({ ...house, oldAccountClaims: oldAccountClaimsOf(house), redis, pages });
  await http.register(oidc.plugin);

  const senders = createSenders(config.notify, house.db);
  const outbox = createOutboxWorker({
    ...house,
    handlers: { ...senders, 'backchannel-logout': oidc.sendLogout, 'security-event': oidc.sendSubjectEvent },
    logger: http.log,
  });
  const journeyDeps = { ...house, port: oidc.port, pages, nudgeOutbox: () => outbox.nudge() };
  for (const door of [
    citizensDoor(journeyDeps),
    operatorsPlugin({ ...house, pages, files: runFilesOf(config) }),
    inboxPlugin(house),
  ])
    await http.register(door);
  const jobs = createPeriodicJobs({ logger: http.log, metrics: house.metrics });

  return {
    http,
    house,
    oidc,
    outbox,
    startJobs: () => startJobs({ http, house, oidc, outbox, jobs, pages }),
    async close() {
      await http.close();
      await Promise.all([outbox.stop(), jobs.stop()]);
      oidc.close();
      await Promise.all([senders.close(), redis?.close()]);
      await house.close();
    },
  };
}

type Running = Pick<App, 'http' | 'house' | 'oidc' | 'outbox'> & { readonly jobs: PeriodicJobs; readonly pages: Pages };

function startJobs({ http, house, oidc, outbox, jobs, pages }: Running): void {
  // Nobody has to wait for a template at its first use, and a start does not wait for all of them.
  void pages.compileRest().catch(house.onError);
  outbox.start();
  jobs.every(KEYS_EVERY_MS, 'signing-keys', oidc.refreshKeys);
  for (const table of SWEPT) {
    jobs.every(SWEEP_EVERY_MS, `sweep-${table}`, (signal) => sweepExpired(house.db, table, house.now(), signal));
  }
  const { merging, contacts } = house.accounts;
  jobs.every(KEYS_EVERY_MS, 'sessions-left-behind', () => endLeftBehind(house.accounts, oidc.port));
  jobs.every(CUTOVERS_EVERY_MS, 'cutovers', () => watchCutovers(house, http.log));
  jobs.every(SWEEP_EVERY_MS, 'forget-merges', () => merging.forgetLedgers(SESSIONS_AT_ONCE));
  jobs.every(SWEEP_EVERY_MS, 'finish-removals', () => contacts.finishRemovals(SESSIONS_AT_ONCE));
  jobs.every(SWEEP_EVERY_MS, 'count-progress', () => house.migration.progress.count());
  jobs.every(SWEEP_EVERY_MS, 'sweep-sessions', () => oidc.sweepSessions(house.now()));
  jobs.every(SWEEP_EVERY_MS, 'sweep-outbox', () =>
    sweepOutbox(house.db, new Date(house.now().getTime() - KEEP_SENT_MS)),
  );
}

const orNothing = <T extends readonly unknown[]>(list: T): T | undefined => (list.length === 0 ? undefined : list);

/** Where operators put files of runs, if anywhere. */
const runFilesOf = ({ runs }: Config): RunFolder | undefined =>
  runs.folder === undefined ? undefined : openRunFolder(runs.folder);

/** What services may be told of old accounts; a claim without anything in it is not sent. */
function oldAccountClaimsOf({ migration }: House): OidcDeps['oldAccountClaims'] {
  const { links, rights } = migration;
  return {
    legacy_accounts: async (asks) => orNothing(await links.legacyIds(asks)),
    acts_for: async (asks) => {
      const told = await rights.toldActsFor(asks);
      return told.rights.length === 0 ? undefined : told;
    },
    organisations: async (asks) => orNothing(await rights.toldOrganisations(asks)),
  };
}

/** Failures may happen before there is a logger: those are kept and written then. */
function createFailureLog(): { onError: (error: unknown) => void; writeTo: (write: (error: unknown) => void) => void } {
  let waiting: unknown[] = [];
  let target: ((error: unknown) => void) | undefined;
  return {
    onError: (error) => (target ? target(error) : void waiting.push(error)),
    writeTo(write) {
      target = write;
      for (const error of waiting) write(error);
      waiting = [];
    },
  };
}

async function watchCutovers({ migration }: House, log: Pick<FastifyInstance['log'], 'warn'>): Promise<void> {
  for (const stop of await migration.sideBySide.cutover.evaluate())
    log.warn({ ...stop }, 'a cut-over went one step back by itself');
}

/** Sessions that had to end with a change, where the process that made it died before it ended them. */
async function endLeftBehind({ endings }: Pick<Accounts, 'endings'>, port: Oidc['port']): Promise<void> {
  for (const ending of await endings.due(SESSIONS_AT_ONCE)) {
    await port.revokeSessions(ending.accountId, ending.reason);
    await endings.done(ending);
  }
}

async function openRedisOf({ config, metrics, onError }: House): Promise<RedisStore | undefined> {
  const { url, timeoutMs } = config.redis;
  if (url === undefined) return undefined;
  // The client is a sixth of the process's memory: who has no Redis does not pay for it.
  const { openRedis } = await import('./platform/redis/redis-client.ts');
  return openRedis({ url, timeoutMs, onCommand: (name) => metrics.storeCommand('redis', name) }, onError);
}
