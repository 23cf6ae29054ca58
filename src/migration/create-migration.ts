import type { Accounts, LegacyVerifierHooks } from '../accounts/index.ts';
import { createLegacy, type Finding, type Legacy, type LegacyDependencies } from '../legacy/index.ts';
import type { BatchedAuditEvent } from '../audit/index.ts';
import type { KeyRing } from '../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../platform/crypto/password-work.ts';
import type { Database } from '../platform/postgres/database.ts';
import { createAdoptAccount } from './adoption/adopt-account.ts';
import type {
  AddRequest,
  AdoptRequest,
  AdoptResult,
  OldAccountSummary,
  OldPasswordAttempt,
  OldPasswordResult,
} from './adoption/adoption-types.ts';
import { createCheckOldPassword } from './adoption/check-old-password.ts';
import { createOldPasswordVerifier, type OldPasswordVerifier } from './adoption/verify-old-password.ts';
import { createDescribeOldAccount } from './adoption/describe-old-account.ts';
import { type PolicyTrial, tryPolicy } from './adoption/link-attempts.ts';
import { createSideBySide } from './cutover/create-side-by-side.ts';
import type { SideBySide } from './cutover/side-by-side.ts';
import { countProgress } from './ledger/count-progress.ts';
import { type DayProgress, readHistory, readSystems, type SystemProgress } from './ledger/read-progress.ts';
import { createLinks } from './linking/create-links.ts';
import type { Links } from './linking/links.ts';
import { createOperatorRequests, type OperatorRequests } from './linking/operator-requests.ts';
import { createProofs, type OldAccountProofs } from './proofs/create-proofs.ts';
import { createCarryTyped } from './adoption/carry-typed.ts';
import { type Check, checkOldSystem } from './proving/check-old-system.ts';
import { createProving } from './proving/create-proving.ts';
import { createLegacyRecords } from './proving/legacy-records.ts';
import type { Proving } from './proving/proving.ts';
import { createReturns, type Returns } from './proving/keep-return.ts';
import { needLiveSource } from './proving/live-source.ts';
import { createReplays } from './proving/replay-memory.ts';
import { createShadow } from './reconcile/begin-shadow.ts';
import { importRights, type RightsImport, type RightsImported } from './rights/import-rights.ts';
import { type HeldRights, rightsOf } from './rights/rights-of-account.ts';
import {
  type ActsFor,
  actsForAt,
  organisationsAt,
  type ServiceAsks,
  type ToldOrganisation,
} from './rights/told-to-services.ts';
import { type CheckOutcome, checkFile } from './runs/check-file.ts';
import { holderOf } from './runs/write-batch.ts';
import { createRuns } from './runs/create-runs.ts';
import type { Runs } from './runs/desk/runs.ts';
import { importFile } from './runs/import-file.ts';
import type { ImportOutcome, ImportRequest } from './runs/import-outcome.ts';
import type { ProofPolicy } from './sources/proof-policy.ts';
import type { SourceSecrets } from './sources/column-reading.ts';
import { createSources, type Sources } from './sources/source-store.ts';

export interface MigrationDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly passwordWork: PasswordWork;
  /** Characters that a password must have where it stands alone: a shorter old one is carried over, but marked. */
  readonly minimumPasswordLength: number;
  /** For what changes no durable state (attempts that failed, adoptions that were refused): the audit batch's `record`. */
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  /** Peppers and the like of old systems, by the names that definitions give. None when left out. */
  readonly sourceSecrets?: SourceSecrets | undefined;
  /** Hears of every old hash that could not be verified: for a counter. */
  readonly onUnverifiable?: LegacyVerifierHooks['onUnverifiable'];
  /** How old systems that still run may be reached. */
  readonly oldSystems: Pick<LegacyDependencies, 'allow' | 'metrics' | 'onFault'> & { readonly issuer: string };
  readonly now: () => Date;
  /** Monotonic milliseconds, for how long answers take; the process's own when left out. */
  readonly clock?: (() => number) | undefined;
}

export interface Migration {
  readonly sources: Sources;
  /** Reads an export. Safe to run again, after a crash too. @throws `not_found` when there is no such source. */
  importFile(request: ImportRequest): Promise<ImportOutcome>;
  /** Finds every problem of every row of an export, and writes nothing to the database. @throws `not_found` */
  checkFile(request: ImportRequest): Promise<CheckOutcome>;
  readonly oldAccounts: {
    /**
     * Checks an old user name and password. Does the same work for a name that is unknown, adopted or disabled, and
     * says `mismatch` for all of them. @throws `busy` when the password queue is full.
     */
    check(attempt: OldPasswordAttempt): Promise<OldPasswordResult>;
    /** Only for a `legacyKey` that `check` has just given: everything of it is personal. */
    describe(legacyKey: string): Promise<OldAccountSummary | undefined>;
  } & OldAccountProofs;
  /** How citizens prove an old account, whatever its sign-in method was. */
  readonly proving: Proving;
  /** What old systems posted to us across sites, for one hop. */
  readonly returns: Returns;
  /** Old systems that still run: their health, and a question whether one is there. */
  readonly oldSystems: Pick<Legacy, 'health'> & {
    /** Undefined: it is there. @throws `not_found` for a source that has no adapter. */
    probe(source: string): ReturnType<Legacy['probe']>;
    /** Tries what can go wrong with it, as configured. @throws `not_found` for a source that has no adapter. */
    check(source: string, people: Check): Promise<readonly Finding[]>;
    close(): Promise<void>;
  };
  /** Takes over one old account: all of it in one transaction, or nothing of it. */
  adoptAccount(request: AdoptRequest): Promise<AdoptResult>;
  /**
   * The same for somebody who is signed in and adds an old account to theirs; several of one system are normal. Proofs must
   * have been made with `purpose: 'add-old-account'` and this account.
   */
  addOldAccount(request: AddRequest): Promise<AdoptResult>;
  readonly links: Links;
  /** Rights to act for others that came with old accounts (M42), and organisations that shared ones became (M43). */
  readonly rights: {
    /** Those that the account has now; personal data of the clients. */
    of(accountId: string): Promise<HeldRights>;
    /** For a service, of its own sources and sector only. */
    toldActsFor(asks: ServiceAsks): Promise<ActsFor>;
    toldOrganisations(asks: ServiceAsks): Promise<readonly ToldOrganisation[]>;
    /** Safe to run again. @throws `not_found` when there is no such source. */
    importFile(request: RightsImport): Promise<RightsImported>;
  };
  readonly operatorRequests: OperatorRequests;
  /** Governed bulk migrations. */
  readonly runs: Runs;
  /** Which of old and new is believed and serves people, source by source. */
  readonly sideBySide: SideBySide;
  /** How far each old system is. Counted every few minutes, by one node. */
  readonly progress: {
    systems(): Promise<readonly SystemProgress[]>;
    /** One row for each day, the oldest first. */
    history(source: string): Promise<readonly DayProgress[]>;
    /** Counts, if it is due and nobody else does. */
    count(): Promise<void>;
  };
  /** Which recorded attempts of a source a draft policy would decide otherwise. Changes nothing. */
  tryPolicy(source: string, draft: ProofPolicy): Promise<PolicyTrial>;
}

/** On one page; more are counted, not listed. */
const RIGHTS_SHOWN = 500;

export function createMigration(dependencies: MigrationDependencies): Migration {
  const { db, keyRing, now } = dependencies;
  const adoptAccount = createAdoptAccount(dependencies);
  const carryTyped = createCarryTyped(dependencies.accounts, dependencies.minimumPasswordLength);
  const proofs = createProofs(dependencies);
  const verifier = createOldPasswordVerifier(dependencies);
  const legacy = openLegacy(dependencies, verifier);
  const beginShadow = createShadow(dependencies, verifier);
  const { clock = () => performance.now() } = dependencies;
  const callbackUrl = (source: string): string => `${dependencies.oldSystems.issuer}/old-sign-in/${source}`;
  const oldSystem = { ...dependencies, legacy, carryTyped, callbackUrl, beginShadow, clock };
  const checkOldPassword = createCheckOldPassword({ ...oldSystem, verifier });
  return {
    sources: createSources({ db, now }),
    importFile: (request) => importFile(dependencies, request),
    checkFile: (request) => checkFile(dependencies, request),
    oldAccounts: { check: checkOldPassword, describe: createDescribeOldAccount({ db, keyRing }), ...proofs },
    proving: createProving({ ...oldSystem, proofs, checkOldPassword }),
    returns: createReturns({ db, keyRing, now }),
    oldSystems: {
      health: () => legacy.health(),
      probe: async (source) => legacy.probe(await needLiveSource(db, source)),
      check: (source, people) => checkOldSystem({ db, legacy }, source, people),
      close: () => legacy.close(),
    },
    adoptAccount,
    addOldAccount: (request) => adoptAccount({ ...request, purpose: 'add-old-account' }),
    links: createLinks(dependencies),
    rights: {
      of: (accountId) => rightsOf(dependencies, { accountId, limit: RIGHTS_SHOWN }),
      toldActsFor: (asks) => actsForAt(dependencies, asks),
      toldOrganisations: (asks) => organisationsAt(dependencies, asks),
      importFile: (request) => importRights(dependencies, request),
    },
    operatorRequests: createOperatorRequests(dependencies),
    runs: createRuns(dependencies),
    sideBySide: createSideBySide({
      ...dependencies,
      onFault: dependencies.oldSystems.onFault,
      unfinishedRun: (source) => holderOf(db, source),
    }),
    progress: {
      systems: () => readSystems(db),
      history: (source) => readHistory(db, source),
      count: async () => void (await countProgress({ db, now })),
    },
    tryPolicy: (source, draft) => tryPolicy(db, source, draft),
  };
}

/** The adapters, with what they may see of us: rows of their own source, and a memory of what was used. */
function openLegacy(dependencies: MigrationDependencies, verifier: OldPasswordVerifier): Legacy {
  const { db, keyRing, oldSystems, sourceSecrets = {}, now } = dependencies;
  const isPassword = async (source: string, login: string, password: string): Promise<boolean> => {
    const verified = await verifier.verify(await verifier.readName(source, login), password, 'old-sign-in');
    return !('reason' in verified);
  };
  return createLegacy({
    ...oldSystems,
    secrets: sourceSecrets,
    records: (source) => createLegacyRecords({ db, keyRing, isPassword }, source),
    replays: (source) => createReplays({ db, keyRing }, source),
    now,
  });
}
