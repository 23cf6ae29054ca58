import type { AdoptResult } from './adoption-types.ts';
import type { LinkAttempt } from './link-attempts.ts';

export type Declined = Exclude<AdoptResult, { outcome: 'adopted' | 'organised' }>;

/** Ends the transaction without a trace: nothing of an adoption that was declined may stay. */
export class DeclinedError extends Error {
  readonly result: Declined;
  /** What the decision stood on, where there was one. */
  readonly attempt: LinkAttempt | undefined;
  constructor(result: Declined, attempt?: LinkAttempt) {
    super(result.outcome);
    this.result = result;
    this.attempt = attempt;
  }
}

export const decline = (result: Declined, attempt?: LinkAttempt): never => {
  throw new DeclinedError(result, attempt);
};

export const refuse = (reason: Extract<Declined, { outcome: 'refused' }>['reason']): never =>
  decline({ outcome: 'refused', reason });
