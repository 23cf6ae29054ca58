import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import type { AccountProofs } from './account-proofs.ts';
import type { SubjectChange } from './subject-changes.ts';

/**
 * Hears, in the transaction, of each sub whose standing in its sector changed: the place to put a signed event for the
 * sector's services into the outbox.
 */
export type OnSubjectsMerged = (tx: Transaction, change: SubjectChange) => Promise<void>;

export interface MergingDeps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly proofs: AccountProofs;
  readonly onSubjectsMerged: OnSubjectsMerged;
  readonly now: () => Date;
}
