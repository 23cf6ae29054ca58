/** What one page may do beyond the least. Origins only, no paths: a redirect would not match a path (CSP3 §6.7.2.8). */
export interface PagePolicy {
  readonly nonce: string;
  /** Origins a form of this page, or a redirect that answers it, may go to besides our own. */
  readonly formAction: readonly string[];
}

const REPORTS = 'report-uri /csp-reports; report-to csp';

/** For everything that is not a page: nothing may load, run, frame or be sent from it. */
export const CLOSED_POLICY = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; ${REPORTS}`;

/** The policy of a page (C9). Scripts run by the nonce of this one response, styles come from our own files. */
export function pagePolicy(policy: PagePolicy): string {
  return (
    `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; connect-src 'none'; ` +
    `script-src 'nonce-${policy.nonce}'; style-src 'self'; img-src 'self'; ` +
    `form-action ${sources(policy.formAction)}; ${REPORTS}`
  );
}

function sources(origins: readonly string[]): string {
  return origins.length === 0 ? "'self'" : `'self' ${origins.join(' ')}`;
}

/** @throws Error when the text is not an http(s) origin: anything else could add a directive of its own. */
export function assertOrigin(origin: string): void {
  if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(origin)) throw new Error('not an origin');
}
