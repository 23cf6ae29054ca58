/**
 * Moving accounts: what the old systems were and what they take as proof (`sources/`), how their exports come in
 * (`runs/`), the rows that wait to be claimed and what may happen to them (`ledger/`), how control of one is proved
 * (`proofs/`, and `proving/` for whatever a citizen is asked), how one person takes over one row (`adoption/`), how that
 * is explained and undone (`linking/`), what moved with accounts that are not one person's (`rights/`), which of old and new
 * is believed and serves whom (`cutover/`), and what both say of one person (`reconcile/`). It owns the tables sources,
 * source_policies, source_sides, imports, legacy_*, links, link_attempts, operator_requests, shadow_* and cutover_counts. It does not own
 * accounts, organisations, credentials or subjects: those are changed through the face of `accounts`, inside its transactions.
 *
 * An export: `importFile` reads lines → rows → judges each → seals → writes batches; every row has one outcome.
 * A first sign-in, or one more old account: `oldAccounts.check` (or another proof) counts the attempt, does the same work
 * whoever is asked for, and answers with a proof; `adoptAccount` or `addOldAccount` consumes it, asks `decideLink`, and
 * does everything in one transaction or nothing. `links` lists, explains and undoes; `operatorRequests` needs two people.
 */
export { createMigration, type Migration, type MigrationDependencies } from './create-migration.ts';
export type { LinkDecision, LinkRefusal } from './adoption/decide-link.ts';
export type { PolicyTrial } from './adoption/link-attempts.ts';
export type {
  AddRequest,
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
  ProofPurpose,
} from './adoption/adoption-types.ts';
export type {
  LinkChangeFacts,
  LinkExplanation,
  Links,
  ListedLink,
  RestoreResult,
  UndoReason,
  UndoRefusal,
  UndoResult,
} from './linking/links.ts';
export type { DayProgress, SystemProgress, SystemState } from './ledger/read-progress.ts';
export type { EndedOrganisation } from './linking/undo-organisation.ts';
export type { OperatorAct, RequestRefusal } from './linking/ask-or-approve.ts';
export type { OperatorRequests } from './linking/operator-requests.ts';
export type { OpenRequest } from './linking/request-rows.ts';
export type { ContactCodeRequest, ContactCodeSent } from './proofs/contact-code.ts';
export type { ProofResult } from './proofs/prove-row.ts';
export type { Changed, Refused, SidesRefusal } from './cutover/change-sides.ts';
export { CutoverPlan, DEFAULT_PLAN } from './cutover/cutover-plan.ts';
export type { Stop } from './cutover/evaluate-cutovers.ts';
export type { Requested } from './cutover/finalise-source.ts';
export type { Judged, SideFigures } from './cutover/judge-window.ts';
export type { CutoverStatus, SideBySide, SidesRequests } from './cutover/side-by-side.ts';
export {
  ATTRIBUTES,
  Authority,
  type Side,
  type Sides,
  type Stage,
  type StopReason,
  takesTyped,
} from './cutover/sides.ts';
export type { Disagreement, ShadowReport } from './reconcile/shadow-report.ts';
export { OLD_WAYS } from './proving/proving.ts';
export type { ReturnKind } from './proving/keep-return.ts';
export type {
  Asks,
  Leave,
  Match,
  OldWay,
  OutgoingCode,
  Proving,
  ProvingAttempt,
  ProvingResult,
} from './proving/proving.ts';
export { rightRejects } from './rights/judge-right.ts';
export type { HeldRightInWords, HeldRights } from './rights/rights-of-account.ts';
export { checkPolicyDraft } from './sources/check-policy.ts';
export type { Assurance, ProofKind, ProofPolicy } from './sources/proof-policy.ts';
export type { CheckOutcome } from './runs/check-file.ts';
export { type DetectedColumn, detectColumn } from './runs/detect-column.ts';
export { type DetectedLayout, detectLayout } from './runs/reading/detect-layout.ts';
export type { ImportOutcome, ImportProgress, ImportRequest, RowCounts } from './runs/import-outcome.ts';
export { type LoginAndPassword, readKnownPairs } from './runs/read-known-pairs.ts';
export type { Problem, Source, SourceDefinition } from './sources/definition.ts';
export type { AddSourceOutcome } from './sources/source-store.ts';
export { meaningOfCode } from './runs/meaning-of-code.ts';
export { isPartBalanced } from './runs/balance/make-balance.ts';
export { judgeReason, MIN_REASON } from './runs/desk/judge-reason.ts';
export { ROW_OUTCOMES } from './runs/desk/run-types.ts';
export {
  isWorking,
  RUN_MOVES,
  RUN_STATES,
  RUN_STEPS,
  type RunState,
  type RunTarget,
  WORK,
} from './runs/desk/run-states.ts';
export type {
  BalanceSheet,
  DisputedRow,
  FoundInFile,
  OutcomeCounts,
  OutcomeRow,
  OutcomesAsked,
  OutcomesPage,
  PartProgress,
  PhaseCounts,
  PlannedFile,
  PlanOutcome,
  PlanRequest,
  RowOutcome,
  Run,
  RunMeta,
  RunMoved,
  RunPart,
  RunRefusal,
  RunSummary,
  SignedBalance,
} from './runs/desk/run-types.ts';
export type { Runs, WorkOptions } from './runs/desk/runs.ts';
