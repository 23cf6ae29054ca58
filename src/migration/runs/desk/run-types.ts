import type { LoginAndPassword } from '../read-known-pairs.ts';
import type { Problem } from '../../sources/definition.ts';
import type { PartDone, RunState, RunTarget, WorkingState } from './run-states.ts';

/** Who does something to a run: `operator:<name>`, as the audit knows them. */
export interface RunMeta {
  readonly actor: string;
  readonly correlationId?: string | undefined;
}

export interface PlannedFile {
  readonly source: string;
  /** For the record, without its folder. */
  readonly fileName: string;
  /** An absolute path that every worker can read. */
  readonly place: string;
  /** As it was read from JSON. */
  readonly manifest?: unknown;
  /** Passwords that their owners gave: nothing is planned until all of them verify. Read, never stored. */
  readonly knownPairs?: readonly LoginAndPassword[] | undefined;
}

export interface PlanRequest {
  readonly title: string;
  readonly files: readonly PlannedFile[];
  /** Of 10,000: only rows whose stable bucket is below it. 10,000, all of them, when left out. */
  readonly cohort?: number | undefined;
  /** The operator has seen what looking at the files said beside what the definitions say, and stands for these. */
  readonly confirmed: boolean;
  readonly meta: RunMeta;
}

/** What looking at a file said, beside what the definition of its source says. No value of a row. */
export interface FoundInFile {
  readonly isGzip: boolean;
  readonly format: string;
  readonly encoding: string;
  readonly columns: readonly (string | number)[];
  /** Schemes that the password column may be of, the likeliest first. */
  readonly schemes: readonly { readonly scheme: string; readonly confidence: number }[];
  /** Where the definition says otherwise: `file.encoding`, `scheme`, … */
  readonly differences: readonly Problem[];
}

export type PlanOutcome =
  | { readonly outcome: 'planned'; readonly run: Run }
  /** Nothing is on record yet: what was found is to be looked at and confirmed. */
  | { readonly outcome: 'to-confirm'; readonly found: readonly (FoundInFile & { readonly source: string })[] }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

/** Every row of a file has exactly one. `outside`: not in the cohort of this run. */
export const ROW_OUTCOMES = ['new', 'changed', 'unchanged', 'linked', 'needs-proof', 'rejected', 'outside'] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];
export type OutcomeCounts = Readonly<Record<RowOutcome, number>>;

export interface PhaseCounts {
  readonly read: number;
  readonly rejected?: number | undefined;
  readonly outcomes?: OutcomeCounts | undefined;
  /** By stable code: why rows were rejected or need proof. Of a validation: all problems of all rows. */
  readonly codes: Readonly<Record<string, number>>;
  /** Rows that are good and that somebody should look at. */
  readonly notes?: Readonly<Record<string, number>> | undefined;
  /** Whose hash is wrapped before they go in. */
  readonly weak?: number | undefined;
  /** Rows by scheme and cost of their hash, as `bcrypt:10`. */
  readonly costs?: Readonly<Record<string, number>> | undefined;
  readonly seconds: number;
}

export interface UndoCounts {
  readonly restored: number;
  /** Somebody has taken them over since: left as they are, and listed. */
  readonly touched: number;
  /** A later file changed them. */
  readonly superseded: number;
}

export interface PartProgress {
  readonly phase: WorkingState | 'wrapping';
  readonly rows: number;
  /** Undefined: nobody knows yet. */
  readonly rowsTotal?: number | undefined;
  /** 0 to 1, by bytes read or by rows. */
  readonly share?: number | undefined;
  readonly rowsPerSecond: number;
  readonly secondsLeft?: number | undefined;
  readonly at: string;
}

export interface RunPart {
  readonly part: number;
  readonly source: string;
  readonly sourceName: string;
  readonly department: string;
  readonly fileName: string;
  readonly fileDigest: string;
  readonly fileBytes: number;
  readonly manifest: 'none' | 'checksum' | 'signed';
  readonly asOf: Date | undefined;
  readonly isOlder: boolean;
  readonly policyVersion: number;
  readonly found: FoundInFile;
  readonly done: PartDone;
  readonly counts: {
    readonly validate?: PhaseCounts;
    readonly staged?: { readonly read: number };
    readonly rehearse?: PhaseCounts;
    readonly run?: PhaseCounts;
    readonly undo?: UndoCounts;
  };
  readonly progress: PartProgress | undefined;
  /** Weak hashes that wait to be wrapped, and those that are; of the batches that are staged. */
  readonly wrap?: { readonly waiting: number; readonly done: number } | undefined;
}

export interface Run {
  readonly runId: string;
  readonly title: string;
  readonly state: RunState;
  readonly stateSince: Date;
  readonly target: RunTarget | undefined;
  readonly pausedAt: Date | undefined;
  readonly cohort: number;
  readonly plannedBy: string;
  readonly plannedAt: Date;
  readonly approvedBy: string | undefined;
  readonly approvedAt: Date | undefined;
  readonly note: string | undefined;
  readonly problems: readonly Problem[];
  readonly parts: readonly RunPart[];
}

/** One line of a list. */
export type RunSummary = Omit<Run, 'parts' | 'problems'> & {
  readonly sources: readonly string[];
  /** Of all parts: rows read, and what became of them so far. */
  readonly rows: number;
  readonly outcomes: OutcomeCounts | undefined;
};

export type RunRefusal =
  /** It is not in a state from which this can be done. */
  | 'not-now'
  | 'not-an-operator'
  /** Who planned it cannot approve it. */
  | 'same-operator'
  /** A file is older than the last one of its source: say that this is known. */
  | 'older-file'
  /** Another run of one of its sources is under way. */
  | 'source-busy'
  /** What was rehearsed is not what would happen: a source, or what the ledger holds of it, changed since. Rehearse again. */
  | 'changed-since'
  | 'reason-missing'
  /** It names a person, by an address or a number, and would be on record for ever. */
  | 'reason-personal';

export type RunMoved =
  | { readonly outcome: 'done'; readonly run: Run }
  | { readonly outcome: 'refused'; readonly reason: RunRefusal };

/** One row of a run, without anything personal. */
export interface OutcomeRow {
  readonly part: number;
  readonly line: number;
  readonly outcome: RowOutcome;
  readonly code: string | undefined;
  readonly undone: 'restored' | 'touched' | 'superseded' | undefined;
}

export interface OutcomesAsked {
  readonly runId: string;
  readonly pass: 'rehearsal' | 'run';
  readonly outcome?: RowOutcome | undefined;
  readonly undone?: OutcomeRow['undone'];
  /** Where the page before ended. */
  readonly after?: { readonly part: number; readonly batch: number; readonly line: number } | undefined;
  readonly limit: number;
}

export interface OutcomesPage {
  readonly rows: readonly OutcomeRow[];
  readonly next: OutcomesAsked['after'];
}

/** A row that an import may not decide about, masked: enough to recognise, not enough to use. */
export interface DisputedRow {
  readonly runId: string;
  readonly source: string;
  readonly line: number;
  readonly code: string;
  /** `P•••7`, `a•••@e•••.uk`. */
  readonly id: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly since: Date;
}

/** Every row of every file, and what became of it. */
export interface BalanceSheet {
  readonly runId: string;
  readonly title: string;
  readonly plannedBy: string;
  readonly approvedBy: string;
  readonly state: 'reconciled' | 'stopped';
  readonly madeAt: string;
  readonly parts: readonly {
    readonly source: string;
    readonly fileName: string;
    readonly sha256: string;
    readonly read: number;
    readonly outcomes: OutcomeCounts;
    readonly codes: Readonly<Record<string, number>>;
    /** Rows that a stopped run did not come to. */
    readonly notRun: number;
    /** Rows that the run wrote (new, changed, or in need of proof), and how many of them the ledger has. */
    readonly written: number;
    readonly inLedger: number;
  }[];
  readonly total: { readonly read: number; readonly outcomes: OutcomeCounts; readonly notRun: number };
  /** in = new + changed + unchanged + linked + needs-proof + rejected + outside + not run; and the ledger agrees. */
  readonly balanced: boolean;
}

export interface SignedBalance {
  readonly sheet: BalanceSheet;
  /** Compact JWS (EdDSA) over the sheet. */
  readonly jws: string;
}
