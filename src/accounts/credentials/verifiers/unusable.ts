import type { HashProblem } from './scheme.ts';

/** Why a stored value could not be verified: counted for the operator, never told to the citizen. */
export type Unverifiable = HashProblem | 'disabled' | 'live-source-only' | 'unknown-scheme';

const DISABLED = /^(?:|[!*x]{1,2}|\*LK\*|\*NP\*|NP|LOCKED?|[!*].*|!{1,2}\$.*)$/i;
const LIVE = /^\{(?:SASL|KERBEROS|NS-MTA-MD5|EXTERNAL|PASSTHROUGH)\}/i;

/** Values that are no hash: switched off (`!`, `*`, Django's `!…`), or a pointer to a system that must be asked itself. */
export function unusableReason(stored: string): 'disabled' | 'live-source-only' | undefined {
  if (LIVE.test(stored)) return 'live-source-only';
  // MySQL's own hashes begin with a star.
  return DISABLED.test(stored) && !/^\*[0-9a-f]{40}$/i.test(stored) ? 'disabled' : undefined;
}
