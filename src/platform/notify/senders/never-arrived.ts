const NEVER_ARRIVED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EDNS',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
]);

/** Whether a network error tells for certain that the other side got nothing. Otherwise it may have. */
export function neverArrived(code: string | undefined): boolean {
  return code !== undefined && NEVER_ARRIVED.has(code);
}

/** A string member of an exception, such as its code. */
export function textOf(error: unknown, member: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, member);
  return typeof value === 'string' ? value : undefined;
}

/** A number member of an exception, such as an answer's status. */
export function numberOf(error: unknown, member: string): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, member);
  return typeof value === 'number' ? value : undefined;
}
