/** Reads the SQLSTATE of an error, also through the `cause` chain; undefined when the error is not Postgres's. */
export function sqlState(error: unknown): string | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && /^[0-9A-Z]{5}$/.test(current.code))
      return current.code;
  }
  return undefined;
}

export const UNIQUE_VIOLATION = '23505';

/** Serialisation failure, deadlock, admin shutdown, lost connection: the transaction may be tried again (rule S15). */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  if (state === undefined) return false;
  return state === '40001' || state === '40P01' || state === '57P01' || state.startsWith('08');
}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Whether the error says that Postgres is away, starting, full or too slow: nothing is known of the data. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P0|53|57014|25P03)/.test(state);
  if ('code' in error && typeof error.code === 'string' && NETWORK.has(error.code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  return /terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
    error.message,
  );
}
