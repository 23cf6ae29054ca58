/**
 * One account per person: what it is known by, what it proves itself with, and the `sub` each sector knows it by.
 *
 * It owns accounts, identities and their claims, changes of address, credentials, known devices, subjects and their claims,
 * merges and their ledger, organisations with their members and invitations, which sessions must end, one-time codes and attempt counters. It does not know journeys,
 * services or old systems; old *hash formats* it knows, because their rows are in our tables. A sign-in passes
 * `checkPassword`: claim of the address → reserve a try → account and credential → argon2id through the bounded queue (a
 * decoy of the same cost when there is nobody) → re-hash when parameters rose. A change passes the caller's transaction:
 * claim, rows sealed under the account's data key, version, audit.
 */
export type {
  Account,
  AccountEmail,
  Accounts,
  ActionMeta,
  AddEmailOutcome,
  CreateOutcome,
  Language,
  NewAccount,
  PasswordCheck,
} from './accounts.ts';
export { type AccountsOptions, createAccounts } from './create-accounts.ts';
export type { AttemptAnswer, AttemptKind, AttemptRequest, Attempts } from './credentials/count-attempts.ts';
export { type PasswordHash, isOverlong } from './credentials/hash-password.ts';
export type { PasswordJudgement, PasswordPolicy, PasswordProblem, PasswordRule } from './credentials/judge-password.ts';
export type { CheckCode, CodeCheck, IssueCode, OneTimeCodes } from './credentials/one-time-codes.ts';
export {
  type ColumnRecipe,
  type KnownPair,
  type KnownPairsAnswer,
  checkKnownPairs,
} from './credentials/verifiers/check-known-pairs.ts';
export { type Detection, type SchemeCandidate, detectScheme } from './credentials/verifiers/detect-scheme.ts';
export { encodeSaltedSha512 } from './credentials/verifiers/encode-salted-sha512.ts';
export {
  type GoodLegacyHash,
  type ParsedLegacyHash,
  parseLegacyHash,
} from './credentials/verifiers/parse-legacy-hash.ts';
export { REGISTRY as LEGACY_SCHEMES, type LegacyScheme, isLegacyScheme } from './credentials/verifiers/registry.ts';
export type { HashProblem, SchemeRow, VerifierAnswer } from './credentials/verifiers/scheme.ts';
export { SideInput } from './credentials/verifiers/side.ts';
export { encodeWithSide } from './credentials/verifiers/stored-value.ts';
export { type Unverifiable, unusableReason } from './credentials/verifiers/unusable.ts';
export {
  type LegacyVerifierHooks,
  type LegacyVerifiers,
  createLegacyVerifiers,
  legacyHashTruncates,
} from './credentials/verifiers/verify-legacy-hash.ts';
export { type ParsedRecipe, type RecipeForm, parseRecipe } from './credentials/verifiers/recipe/parse-recipe.ts';
export { wrapWeak } from './credentials/verifiers/wrap-weak.ts';
export { canonicalEmail, isEmailAddress } from './identities/canonical-email.ts';
export type {
  BeginResult,
  Contacts,
  FinishResult,
  ListedContact,
  RemovalRefusal,
  RemoveResult,
} from './identities/contacts.ts';
export type { HeldAccount, Linking } from './lifecycle/note-link.ts';
export type { EndingReason, SessionEnding, SessionEndings } from './lifecycle/session-endings.ts';
export type { Devices } from './identities/remember-device.ts';
export type {
  Membership,
  OpenInvitation,
  OrganisationOrigin,
  OrganisationView,
} from './organisations/organisations.ts';
export type { OrganisationRole } from './store/organisation-rows.ts';
export type { OnSubjectsMerged } from './merging/merging-deps.ts';
export type {
  AccountProof,
  ListedMerge,
  MergeConflict,
  MergeDeclined,
  MergePlan,
  MergeRequest,
  MergeResult,
  Merging,
  NewAccountProof,
  PlannedSide,
  PlanResult,
  ProofPlace,
  ToldContact,
  UnmergeResult,
} from './merging/merging.ts';
export type { SubjectChange } from './merging/subject-changes.ts';
export {
  type InheritOutcome,
  type InheritSubject,
  type MapRequest,
  type MapRow,
  type MoveSector,
  type MoveSectorOutcome,
  type SubjectMap,
  type Subjects,
  isSubject,
} from './subjects/subjects.ts';
