import type { ServerResponse } from 'node:http';
import { CLOSED_POLICY } from './content-security-policy.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

const TWO_YEARS = 63_072_000;

/**
 * Headers of every response (C8), with the closed policy; a page replaces that one by its own (C9). Ours rather than
 * @fastify/helmet's: they are set on the raw response, so that the protocol library's own answers carry them too, and
 * as ready strings, because silent sign-ins pass here.
 */
export function securityHeaders(options: { readonly secure: boolean }): Headers {
  const headers: (readonly [string, string])[] = [
    ['content-security-policy', CLOSED_POLICY],
    ['reporting-endpoints', 'csp="/csp-reports"'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ];
  if (options.secure) headers.push(['strict-transport-security', `max-age=${TWO_YEARS}; includeSubDomains`]);
  return headers;
}

export function setHeaders(response: ServerResponse, headers: Headers): void {
  for (const [name, value] of headers) response.setHeader(name, value);
}
