import type { Accounts } from '../../accounts/index.ts';
import type { BatchedAuditEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { LegacyAccountRow } from '../ledger/read-legacy-account.ts';
import type { LegacyPersonal } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import type { Assurance } from '../sources/proof-policy.ts';
import type { TargetBefore } from './adoption-target.ts';
import type { AdoptRequest } from './adoption-types.ts';
import type { LegacyProofs, ProofRow } from './legacy-proofs.ts';

export interface AdoptDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  readonly now: () => Date;
}

export interface Adoption extends AdoptDependencies {
  readonly proofs: LegacyProofs;
  readonly request: AdoptRequest;
  readonly before: TargetBefore;
}

/** Everything that is known and held once the decision stands. */
export interface Held {
  readonly accountId: string;
  readonly source: Source;
  readonly legacy: LegacyAccountRow;
  readonly personal: LegacyPersonal;
  readonly proofs: readonly ProofRow[];
  readonly assurance: Assurance;
}
