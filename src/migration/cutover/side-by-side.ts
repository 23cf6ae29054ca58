import type { OperatorAct } from '../linking/ask-or-approve.ts';
import type { OpenRequest } from '../linking/request-rows.ts';
import type { ShadowReport } from '../reconcile/shadow-report.ts';
import type { SourceMeta } from '../sources/source-store.ts';
import type { Changed, Refused } from './change-sides.ts';
import type { CutoverPlan } from './cutover-plan.ts';
import type { Complainer } from './hear-complaint.ts';
import type { Stop } from './evaluate-cutovers.ts';
import type { Requested } from './finalise-source.ts';
import type { Judged } from './judge-window.ts';
import type { PlanOutcome } from './move-cutover.ts';
import type { AuthorityChange } from './set-authority.ts';
import type { Sides } from './sides.ts';

export interface CutoverStatus {
  readonly sides: Sides;
  /** Of the people, whom the new side serves now. */
  readonly percent: number;
  /** Undefined: nobody has moved. */
  readonly watched: Judged | undefined;
}

export interface SidesRequests {
  readonly finalise: OpenRequest | undefined;
  readonly anyway: OpenRequest | undefined;
}

/** Old and new of each source side by side: who is believed, what they say, who is served by which. All throw `not_found`. */
export interface SideBySide {
  authorityOf(source: string): Promise<Sides>;
  setAuthority(source: string, change: AuthorityChange, meta: SourceMeta): Promise<Changed | Refused>;
  /** For ever, and by two people: the old system is not asked any more. */
  finalise(source: string, act: OperatorAct): Promise<Changed | Refused | Requested>;
  /** What waits for a second person; `anyway` is about the step as it stands. */
  requests(source: string): Promise<SidesRequests>;
  /** Asks old and new, serves old, compares. */
  readonly shadow: {
    on(source: string, meta: SourceMeta): Promise<Changed | Refused>;
    off(source: string, meta: SourceMeta): Promise<Changed | Refused>;
    /** `limit`: of recent disagreements, 100 when left out. */
    report(source: string, limit?: number): Promise<ShadowReport>;
  };
  readonly cutover: {
    plan(source: string, draft: Partial<CutoverPlan>, meta: SourceMeta): Promise<PlanOutcome>;
    /** One step further, when this one has gone well; `anyway` needs two people. */
    next(source: string, act: OperatorAct & { readonly anyway?: boolean }): Promise<Changed | Refused | Requested>;
    /** One step back at once, or to the start. */
    back(source: string, act: { readonly meta: SourceMeta; readonly toStart?: boolean }): Promise<Changed | Refused>;
    status(source: string): Promise<CutoverStatus>;
    /** Somebody has told an operator that it did not work. */
    complain(source: string, meta: SourceMeta): Promise<{ readonly outcome: 'counted' | 'nobody-moved' }>;
    /**
     * A citizen says so of an attempt of theirs that was refused (`refusal` of its result). It counts where the new side
     * served them, once for each name and network. Never fails, and nobody's page may wait for it (A11).
     */
    hear(refusal: string, from: Complainer): Promise<void>;
    /** For a periodic job on every node: goes back one step wherever a limit is broken. */
    evaluate(): Promise<readonly Stop[]>;
  };
}
