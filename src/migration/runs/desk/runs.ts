import type { Writable } from 'node:stream';
import type { RunTarget } from './run-states.ts';
import type {
  DisputedRow,
  OutcomesAsked,
  OutcomesPage,
  PlanOutcome,
  PlanRequest,
  Run,
  RunMeta,
  RunMoved,
  RunSummary,
  SignedBalance,
} from './run-types.ts';

export interface WorkOptions {
  /** Only this run; any that wants work when left out. */
  readonly runId?: string | undefined;
  /** Only wrap weak hashes. */
  readonly wrapOnly?: boolean | undefined;
  /** Ends when there is nothing to do (and nobody else does it); otherwise it waits for more. */
  readonly untilIdle: boolean;
  /** Percent of the time that a worker works, 1 to 100 (taken when left out): between batches it rests for the others. */
  readonly pace?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((run: Run) => void) | undefined;
}

/** Governed bulk migrations. Every change is audited on `run:<id>`, with who did it. */
export interface Runs {
  /** Looks at the files and puts a run on record; nothing of the files is read into the database. */
  plan(request: PlanRequest): Promise<PlanOutcome>;
  list(filter?: { readonly source?: string; readonly limit?: number }): Promise<readonly RunSummary[]>;
  find(runId: string): Promise<Run | undefined>;
  /** Asks the workers to bring it there; `work` does it. Between `rehearsed` and `staged` stands `approve`. */
  advance(runId: string, to: Exclude<RunTarget, 'undone'>, meta: RunMeta): Promise<RunMoved>;
  /** The second person, who stands for what was rehearsed. */
  approve(runId: string, meta: RunMeta, says: { readonly olderFile: boolean }): Promise<RunMoved>;
  pause(runId: string, meta: RunMeta): Promise<RunMoved>;
  resume(runId: string, meta: RunMeta): Promise<RunMoved>;
  /** Ends it where it is. What it wrote stays, and can be undone. */
  stop(runId: string, meta: RunMeta, why: string): Promise<RunMoved>;
  /** Restores the state before it, except rows that somebody has touched since. */
  undo(runId: string, meta: RunMeta, why: string): Promise<RunMoved>;
  /** Does what runs want. Any number of workers, on any machine that sees the files. */
  work(options: WorkOptions): Promise<void>;
  outcomes(asked: OutcomesAsked): Promise<OutcomesPage>;
  /** Masked; the look is audited with its reason. @throws LatchkeyError `input_invalid` without one, `not_allowed` */
  disputed(asked: {
    readonly source?: string;
    readonly limit: number;
    readonly meta: RunMeta;
    readonly reason: string;
  }): Promise<readonly DisputedRow[]>;
  /** Rejected rows of one part: why, as CSV, and as they came, to be corrected and sent again. Reads the file once more. */
  writeRejects(
    runId: string,
    part: number,
    to: { readonly report?: Writable; readonly mend?: Writable },
  ): Promise<number>;
  /** Undefined: it is not reconciled or stopped yet. */
  balance(runId: string): Promise<SignedBalance | undefined>;
  /** The public key that balance sheets are verified with, as JWK. */
  balanceKey(): Readonly<Record<string, unknown>>;
}
