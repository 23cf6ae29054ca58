/**
 * Moving accounts: what the old systems were (`sources/`), how their exports come in (`runs/`), the rows that wait to
 * be claimed (`ledger/`), and how one person takes over one row (`adoption/`). It owns the tables sources, imports,
 * legacy_accounts, legacy_login_names, legacy_proofs and links. It does not own accounts, credentials or subjects:
 * those are changed through the face of `accounts`, inside the transactions that adoption opens.
 *
 * An export: `importFile` reads lines → rows → judges each → seals → writes batches; every row has one outcome.
 * A first sign-in: `oldAccounts.check` counts the attempt, does the same work whoever is asked for, and answers with a
 * proof; `adoptAccount` consumes the proof, asks `decideLink`, and does everything in one transaction or nothing.
 */
export { createMigration, type Migration, type MigrationDependencies } from './create-migration.ts';
export type { LinkRefusal } from './adoption/decide-link.ts';
export type {
  AdoptRefusal,
  AdoptRequest,
  AdoptResult,
  AdoptTarget,
  AdoptedFacts,
  LegacyProof,
  OldAccountSummary,
  OldPasswordAttempt,
  OldPasswordResult,
  ProofPlace,
} from './adoption/adoption-types.ts';
export type { ImportOutcome, ImportProgress, ImportRequest, RowCounts } from './runs/import-outcome.ts';
export type { Problem, Source, SourceDefinition } from './sources/definition.ts';
export type { AddSourceOutcome } from './sources/source-store.ts';
