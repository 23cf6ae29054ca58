import { hostname } from 'node:os';
import { type Accounts, createAccounts } from './accounts/index.ts';
import { type AuditBatch, createAuditBatch } from './audit/index.ts';
import { createMigration, type Migration } from './migration/index.ts';
import type { Config } from './platform/config/config-schema.ts';
import { createKeyRing, type KeyRing } from './platform/crypto/key-ring.ts';
import { createPasswordWork, type PasswordWork } from './platform/crypto/password-work.ts';
import { uuidv7 } from './platform/crypto/uuid.ts';
import { type Database, openDatabase } from './platform/postgres/database.ts';
import { createMetrics, type Metrics } from './platform/telemetry/create-metrics.ts';
import { createRelyingParties, type RelyingParties } from './relying-parties/index.ts';

/** The rooms without a door: what the web application and the command line both stand on. */
export interface House {
  readonly config: Config;
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly metrics: Metrics;
  readonly passwordWork: PasswordWork;
  readonly auditBatch: AuditBatch;
  readonly accounts: Accounts;
  readonly migration: Migration;
  readonly relyingParties: RelyingParties;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
  /** Writes what waits and closes the pool. */
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly config: Config;
  readonly onError: (error: unknown) => void;
  readonly now?: () => Date;
  readonly metrics?: Metrics;
}

/** Builds stores and domains from the configuration. Connects to nothing yet: the first query does. */
export function openHouse({ config, onError, now = () => new Date(), metrics = createMetrics() }: HouseOptions): House {
  const db = openDatabase(config.postgres, onError);
  const keyRing = createKeyRing(config.secrets);
  const passwordWork = createPasswordWork(
    { ...config.passwords, threadPoolSize: config.passwords.threads },
    metrics.passwordWork,
  );
  const auditBatch = createAuditBatch({ db, nodeId: `${hostname()}-${uuidv7()}`, now, onError });
  const relyingParties = createRelyingParties({
    db,
    config,
    mayFollow: (queryable, change) => accounts.subjects.mayFollow(queryable, change),
    now,
  });
  const accounts = createAccounts({
    db,
    keyRing,
    passwordWork,
    config,
    now,
    onError,
    // Read when it happens: most commands never do this, and the protocol library is half of their start.
    async onSubjectsMerged(tx, change) {
      const { createTellOfSubjects } = await import('./oidc/index.ts');
      await createTellOfSubjects({ relyingParties, keyRing, now })(tx, change);
    },
  });
  const migration = createMigration({
    db,
    keyRing,
    accounts,
    passwordWork,
    minimumPasswordLength: config.passwords.minimumLength,
    recordEvent: (event) => auditBatch.record(event),
    sourceSecrets: config.sourceSecrets,
    onUnverifiable: (event) => metrics.unverifiableHash(event),
    oldSystems: { ...config.oldSystems, issuer: config.issuer, metrics: metrics.oldSystems, onFault: onError },
    now,
  });
  return {
    config,
    db,
    keyRing,
    metrics,
    passwordWork,
    auditBatch,
    accounts,
    migration,
    relyingParties,
    now,
    onError,
    async close() {
      await migration.oldSystems.close();
      await auditBatch.close();
      await db.close();
    },
  };
}
