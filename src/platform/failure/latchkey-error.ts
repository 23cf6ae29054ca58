/** Every code that leaves the house. A code is stable: services, scripts and runbooks may rely on it. */
export type FailureCode =
  | 'busy'
  | 'config_invalid'
  | 'conflict'
  | 'input_invalid'
  | 'not_found'
  | 'not_allowed'
  | 'too_large'
  | 'too_many_attempts'
  | 'unavailable';

const HTTP_STATUS = {
  busy: 503,
  config_invalid: 500,
  conflict: 409,
  input_invalid: 400,
  not_found: 404,
  not_allowed: 403,
  too_large: 413,
  too_many_attempts: 429,
  unavailable: 503,
} as const satisfies Record<FailureCode, number>;

/**
 * The one error class. `message` is public: it may be shown to anybody and holds no personal data. `detail` is private:
 * it goes to the log only. `unavailable` and `busy` are outages (503 with Retry-After), never the user's mistake.
 */
export class LatchkeyError extends Error {
  readonly code: FailureCode;
  readonly detail: string | undefined;
  /** Seconds after which to try again; only for 503 and 429. */
  readonly retryAfter: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { detail?: string | undefined; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'LatchkeyError';
    this.code = code;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter ?? (HTTP_STATUS[code] === 503 ? 5 : undefined);
  }

  get statusCode(): number {
    return HTTP_STATUS[this.code];
  }
}

/** Says that a store or a peer did not answer: what it would have said is not known. */
export function unavailable(what: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('unavailable', 'The service is not available right now. Try again in a moment.', {
    detail: what,
    cause,
  });
}
