import type { Accounts } from '../accounts/index.ts';
import type { AuditBatch } from '../audit/index.ts';
import type { Migration } from '../migration/index.ts';
import type { Config } from '../platform/config/config-schema.ts';
import type { KeyRing } from '../platform/crypto/key-ring.ts';
import type { Pages } from '../platform/pages/create-pages.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { Metrics } from '../platform/telemetry/create-metrics.ts';
import type { RelyingParties } from '../relying-parties/index.ts';
import type { InteractionPort } from './engine/interaction-port.ts';

/** Everything the citizens' pages stand on; `app.ts` gives it. */
export interface JourneyDeps {
  readonly port: InteractionPort;
  readonly accounts: Accounts;
  readonly migration: Migration;
  readonly relyingParties: RelyingParties;
  /** For decisions that change no durable state, such as a wrong password. */
  readonly auditBatch: AuditBatch;
  readonly keyRing: KeyRing;
  readonly db: Database;
  readonly config: Config;
  readonly pages: Pages;
  readonly metrics: Metrics;
  /** Wakes the outbox after a commit, so that mail leaves at once. */
  readonly nudgeOutbox: () => void;
  readonly now: () => Date;
  /** Waits; tests pass one that does not. */
  readonly sleep?: (ms: number) => Promise<void>;
}
