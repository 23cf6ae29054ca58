import type { Limits } from './limits.ts';

export type BreakerState = 'closed' | 'open' | 'trying';

/** Leaves a source alone that has failed several times in a row, and lets one question find out when it is back. */
export interface Breaker {
  state(): BreakerState;
  /** Whether the source is being left alone at this moment. Asking this is no try. */
  isResting(): boolean;
  /** Whether a question may be asked now. True while open means: this is the one that tries. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

export function createBreaker(
  { breakAfter, breakSeconds }: Pick<Required<Limits>, 'breakAfter' | 'breakSeconds'>,
  now: () => Date,
): Breaker {
  let failures = 0;
  let openedAt = 0;
  let triedAt = 0;
  const isOpen = (): boolean => failures >= breakAfter;
  const span = breakSeconds * 1000;
  // A try that never came back must not keep the door shut for ever: after another span the next may try.
  const isResting = (): boolean => isOpen() && now().getTime() - Math.max(openedAt, triedAt) < span;
  return {
    state() {
      if (!isOpen()) return 'closed';
      return triedAt > openedAt ? 'trying' : 'open';
    },
    isResting,
    admits() {
      if (isResting()) return false;
      if (isOpen()) triedAt = now().getTime();
      return true;
    },
    succeeded() {
      failures = 0;
    },
    failed() {
      failures += 1;
      if (isOpen()) openedAt = now().getTime();
    },
  };
}
