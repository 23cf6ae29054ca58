import type { onRequestHookHandler } from 'fastify';
import { LatchkeyError } from '../failure/latchkey-error.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a state change that another site started (C11, C6). Sec-Fetch-Site decides when the browser sends it. Older
 * browsers send Origin only, and `null` from our own pages, because of their no-referrer policy: those are left to the
 * form token, which every form carries.
 */
export function requireSameOrigin(issuer: string): onRequestHookHandler {
  return (request, _reply, done) => {
    if (SAFE_METHODS.has(request.method) || isSameOrigin(request.headers, issuer)) {
      done();
      return;
    }
    done(new LatchkeyError('not_allowed', 'The request came from another site.'));
  };
}

interface OriginHeaders {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly origin?: string | undefined;
}

function isSameOrigin(headers: OriginHeaders, issuer: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return headers.origin === undefined || headers.origin === 'null' || headers.origin === issuer;
}
