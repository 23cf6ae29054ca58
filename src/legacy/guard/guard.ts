import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { LegacyMetrics } from './metrics.ts';
import { type FaultReason, LegacyFault } from '../legacy-fault.ts';
import { type BreakerState, createBreaker } from './breaker.ts';
import { type Clock, keepFloor } from './keep-floor.ts';
import { type Limits, withDefaults } from './limits.ts';
import { createTally, type Tally } from './tally.ts';

/** How a source does, seen from this node. */
export interface SourceHealth extends Tally {
  readonly source: string;
  readonly family: string;
  readonly breaker: BreakerState;
  readonly asking: number;
}

export interface Unavailable {
  readonly outcome: 'unavailable';
  readonly reason: FaultReason;
}

export interface TooMany {
  readonly outcome: 'too-many';
  readonly retryAfterSeconds: number;
}

export interface Question<Answer> {
  /** Reserves one attempt, before anything is asked; seconds to wait when there is none left. */
  readonly reserve: () => Promise<number | undefined>;
  readonly work: (signal: AbortSignal) => Promise<Answer>;
}

/** The one guard in front of every adapter: no question reaches an old system but through it. */
export interface Guard {
  ask<Answer extends { readonly outcome: string }>(question: Question<Answer>): Promise<Answer | TooMany | Unavailable>;
  /** Takes an attempt and the same time, and asks nobody. */
  decline(reserve: Question<never>['reserve']): Promise<TooMany | undefined>;
  /** Set while the source is left alone: a citizen need not begin. */
  closed(): Unavailable | undefined;
  health(): SourceHealth;
}

export interface GuardOptions extends Clock {
  readonly source: string;
  readonly family: string;
  readonly limits: Limits | undefined;
  readonly metrics: LegacyMetrics;
  readonly now: () => Date;
  readonly onFault: (fault: unknown) => void;
}

export function createGuard(options: GuardOptions): Guard {
  const { source, family, metrics, now, clock } = options;
  const limits = withDefaults(options.limits);
  const breaker = createBreaker(limits, now);
  const tally = createTally(now);
  const budget = createBudget(limits, now);
  let asking = 0;

  const failed = (fault: LegacyFault): Unavailable => {
    tally.failed(fault);
    metrics.fault(source, fault.reason);
    options.onFault(fault);
    return { outcome: 'unavailable', reason: fault.reason };
  };

  const askNow = async <Answer extends { readonly outcome: string }>(
    work: Question<Answer>['work'],
    began: number,
  ): Promise<Answer | Unavailable> => {
    asking += 1;
    try {
      const answer = await within(limits.timeoutMs, work);
      breaker.succeeded();
      tally.answered(clock() - began);
      metrics.answered(source, answer.outcome, (clock() - began) / 1000);
      return answer;
    } catch (error) {
      const fault = faultOf(error);
      breaker.failed();
      return failed(fault);
    } finally {
      asking -= 1;
    }
  };

  return {
    async ask({ reserve, work }) {
      // Before an attempt is taken: an outage must not use up anybody's.
      if (breaker.isResting()) return failed(new LegacyFault('breaker-open', 'left alone after faults'));
      const wait = await reserve();
      if (wait !== undefined) return { outcome: 'too-many', retryAfterSeconds: wait };
      if (asking >= limits.concurrency) return failed(new LegacyFault('over-budget', 'too many questions at once'));
      if (!breaker.admits()) return failed(new LegacyFault('breaker-open', 'left alone after faults'));
      if (!budget.admits()) return failed(new LegacyFault('over-budget', 'too many questions in this minute'));
      const began = clock();
      const answer = await askNow(work, began);
      // The same moment for everybody: how long the old system took tells who it knows (A11, linking-attacks 19).
      await keepFloor(options, began, limits.floorMs);
      return answer;
    },
    async decline(reserve) {
      const wait = await reserve();
      if (wait !== undefined) return { outcome: 'too-many', retryAfterSeconds: wait };
      await keepFloor(options, clock(), limits.floorMs);
      return undefined;
    },
    closed: () => (breaker.isResting() ? { outcome: 'unavailable', reason: 'breaker-open' } : undefined),
    health: () => ({ source, family, breaker: breaker.state(), asking, ...tally.read() }),
  };
}

/** Whatever an old system does. A secret that is asked for only now, and is not set, keeps nobody else out, either. */
function faultOf(error: unknown): LegacyFault {
  if (error instanceof LegacyFault) return error;
  if (!(error instanceof LatchkeyError) || error.code !== 'config_invalid') throw error;
  return new LegacyFault('misconfigured', error.message, error);
}

/** So many questions a minute, whoever they are about. */
function createBudget({ perMinute }: Required<Limits>, now: () => Date): { admits(): boolean } {
  let minute = 0;
  let asked = 0;
  return {
    admits() {
      const current = Math.floor(now().getTime() / 60_000);
      if (current !== minute) [minute, asked] = [current, 0];
      asked += 1;
      return asked <= perMinute;
    },
  };
}

/** Answers in time or is a fault, even when the work ignores its signal. */
async function within<Answer>(ms: number, work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new LegacyFault('timed-out', `no answer in ${ms} ms`));
    abort.abort();
  }, ms);
  try {
    return await Promise.race([work(abort.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
