import * as client from 'openid-client';
import type { LegacyRefusal } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';

const CLAIM: Readonly<Record<string, LegacyRefusal>> = {
  iss: 'wrong-issuer',
  aud: 'wrong-audience',
  azp: 'wrong-audience',
  nonce: 'not-bound',
  exp: 'stale',
  nbf: 'stale',
  iat: 'stale',
  auth_time: 'stale',
};

/**
 * What a failed exchange tells of the statement. Whatever is not recognised here is thrown on: it is a fault of the other
 * side or of ours, and lets nobody in either.
 */
export function refusalOf(error: unknown): LegacyRefusal {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof LegacyFault) throw cause;
  if (error instanceof client.AuthorizationResponseError)
    return error.error === 'access_denied' ? 'cancelled' : 'not-allowed';
  if (error instanceof client.ResponseBodyError)
    return error.error === 'invalid_grant' ? 'replayed' : asServerFault(error);
  if (!(error instanceof client.ClientError)) throw error;
  return byClaim(error) ?? BY_CODE[error.code ?? ''] ?? asServerFault(error);
}

const BY_CODE: Readonly<Record<string, LegacyRefusal>> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'stale',
  OAUTH_INVALID_RESPONSE: 'forged',
};

/** The library names the claim that it did not like in the cause. */
function byClaim(error: Error): LegacyRefusal | undefined {
  const { cause } = error;
  const details: unknown = cause instanceof Error ? cause.cause : cause;
  const claim: unknown = typeof details === 'object' && details !== null ? Reflect.get(details, 'claim') : undefined;
  return typeof claim === 'string' ? CLAIM[claim] : undefined;
}

function asServerFault(error: Error): never {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  throw new LegacyFault('server-error', code, error);
}
