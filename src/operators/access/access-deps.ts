import type { AuditBatch } from '../../audit/index.ts';
import type { Config } from '../../platform/config/config-schema.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';

/** What knowing staff stands on. */
export interface AccessDeps {
  readonly config: Pick<Config, 'issuer' | 'operators'>;
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly auditBatch: Pick<AuditBatch, 'record'>;
  readonly now: () => Date;
}
