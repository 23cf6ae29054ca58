/** Why an old system could not be asked. Counts against its health; never said to be the citizen's mistake. */
export type FaultReason =
  | 'unreachable'
  | 'timed-out'
  | 'bad-certificate'
  | 'not-on-allow-list'
  | 'too-large'
  | 'redirected'
  | 'garbage'
  | 'server-error'
  | 'refused-us'
  | 'misconfigured'
  | 'over-budget'
  | 'breaker-open';

/** Thrown by adapters and the network under them; the guard turns it into an outcome. `detail` holds nothing personal. */
export class LegacyFault extends Error {
  readonly reason: FaultReason;

  constructor(reason: FaultReason, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.name = 'LegacyFault';
    this.reason = reason;
  }
}
