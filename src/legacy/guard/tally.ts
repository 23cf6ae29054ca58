import type { FaultReason, LegacyFault } from '../legacy-fault.ts';

/** What a guard has seen of its source. */
export interface Tally {
  readonly answered: number;
  readonly faults: number;
  /** `detail` is for operators; it holds nothing of a person. */
  readonly lastFault: { readonly reason: FaultReason; readonly detail: string; readonly at: Date } | undefined;
  readonly lastAnswerAt: Date | undefined;
  /** Median of the last answers, in milliseconds, without the floor. */
  readonly typicalMs: number | undefined;
}

const KEPT = 64;

export interface RunningTally {
  answered(ms: number): void;
  failed(fault: LegacyFault): void;
  read(): Tally;
}

export function createTally(now: () => Date): RunningTally {
  const seen = { answered: 0, faults: 0, times: [] as number[] };
  let lastFault: Tally['lastFault'];
  let lastAnswerAt: Date | undefined;
  return {
    answered(ms) {
      seen.answered += 1;
      lastAnswerAt = now();
      seen.times = [...seen.times.slice(1 - KEPT), ms];
    },
    failed({ reason, message }) {
      seen.faults += 1;
      lastFault = { reason, detail: message, at: now() };
    },
    read: () => ({
      answered: seen.answered,
      faults: seen.faults,
      lastFault,
      lastAnswerAt,
      typicalMs: seen.times.toSorted((a, b) => a - b)[seen.times.length >> 1],
    }),
  };
}
