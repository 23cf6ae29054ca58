import type { Config } from '../platform/config/config-schema.ts';
import type { Database, Queryable } from '../platform/postgres/database.ts';
import { setStatus } from './approval/set-status.ts';
import { createNewSecret } from './keys/create-new-secret.ts';
import { createFetchLogo, type FetchLogo, type Logo } from './logos/fetch-logo.ts';
import { keepLogos } from './logos/keep-logos.ts';
import { type MayFollow, submitService } from './registration/submit.ts';
import type { ActionMeta, Service, Submission, SubmitOutcome } from './service.ts';
import { createLiveServices } from './store/live-services.ts';
import { listServices, readLiveServicesOf, readService } from './store/read-services.ts';

export interface RelyingParties {
  /**
   * The live version of a service, at most 5 seconds old; `undefined` when there is none.
   * @throws LatchkeyError `unavailable` when the database does not answer: that says nothing about the service.
   */
  find(clientId: string): Promise<Service | undefined>;
  /**
   * The logo of a live service, fetched from its own server at most once an hour; `undefined` when it has none to show. Pages
   * take it from us, so that nobody who signs in is seen by another server (D18).
   */
  logo(clientId: string): Promise<Logo | undefined>;
  /** Every service, by client id. Not cached. */
  list(): Promise<readonly Service[]>;
  /** Live services of a sector, as the transaction sees them. */
  liveInSector(db: Queryable, sector: string): Promise<readonly Service[]>;
  /** Checks and publishes. A `secret` in the outcome is shown this once and never again. */
  submit(submission: Submission, meta: ActionMeta): Promise<SubmitOutcome>;
  /** Stops a service. @throws LatchkeyError `not_found`. */
  suspend(clientId: string, meta: ActionMeta): Promise<void>;
  resume(clientId: string, meta: ActionMeta): Promise<void>;
  /** Replaces the shared secret; the old one stops at once. @throws LatchkeyError `not_found`, `not_allowed`. */
  newSecret(clientId: string, meta: ActionMeta): Promise<string>;
}

export interface RelyingPartiesDependencies {
  readonly db: Database;
  readonly config: Pick<Config, 'environment'>;
  /** Whether a service may change its sector, because the new one continues the old. Never, when left out. */
  readonly mayFollow?: MayFollow;
  /** How a logo is fetched; over the network, guarded, when left out. */
  readonly fetchLogo?: FetchLogo;
  readonly now: () => Date;
}

export function createRelyingParties({
  db,
  config,
  mayFollow = async () => false,
  fetchLogo = createFetchLogo({ allowLoopback: config.environment !== 'production' }),
  now,
}: RelyingPartiesDependencies): RelyingParties {
  const live = createLiveServices({ read: (clientId) => readService(db, clientId), now });
  const thenForget = async <T>(clientId: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      live.forget(clientId);
    }
  };
  const logos = keepLogos(fetchLogo, now);
  const deps = { db, now, environment: config.environment, mayFollow };

  return {
    find: live.find,
    async logo(clientId) {
      const service = await live.find(clientId);
      const url = service?.status === 'live' ? service.metadata.logoUrl : undefined;
      return url === undefined ? undefined : logos(url);
    },
    list: () => listServices(db),
    liveInSector: (queryable, sector) => readLiveServicesOf(queryable, sector),
    submit: (submission, meta) => thenForget(submission.clientId, submitService(deps, submission, meta)),
    suspend: (clientId, meta) => thenForget(clientId, setStatus(deps, clientId, 'suspended', meta)),
    resume: (clientId, meta) => thenForget(clientId, setStatus(deps, clientId, 'live', meta)),
    newSecret: (clientId, meta) => thenForget(clientId, createNewSecret(deps, clientId, meta)),
  };
}
