import type { LegacyRefusal } from '../answer.ts';
import { SAML2 } from '../assertions/read-assertion.ts';
import { attributeOf, onlyChild, textOf } from '../assertions/read-elements.ts';
import { readTime } from '../assertions/statement.ts';

export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status';

/** What the response around the statement must say. */
export interface Envelope {
  readonly issuer: string;
  readonly callbackUrl: string;
  readonly requestId: string;
  readonly now: Date;
  readonly skewSeconds: number;
}

type Rule = (response: Element, envelope: Envelope) => LegacyRefusal | undefined;

const rules: readonly Rule[] = [
  function ofThisVersion(response) {
    return attributeOf(response, 'Version') === '2.0' ? undefined : 'misshapen';
  },
  function fromTheOneThatWasAsked(response, { issuer }) {
    return textOf(onlyChild(response, SAML2, 'Issuer')) === issuer ? undefined : 'wrong-issuer';
  },
  function sentHere(response, { callbackUrl }) {
    return attributeOf(response, 'Destination') === callbackUrl ? undefined : 'wrong-recipient';
  },
  function toThisRequest(response, { requestId }) {
    return attributeOf(response, 'InResponseTo') === requestId ? undefined : 'not-bound';
  },
  function justNow(response, { now, skewSeconds }) {
    const at = readTime(attributeOf(response, 'IssueInstant'));
    return at && at.getTime() <= now.getTime() + skewSeconds * 1000 ? undefined : 'stale';
  },
  function withSuccess(response) {
    return refusalOf(onlyChild(response, SAMLP, 'Status'));
  },
  function withAStatement(response) {
    const held = [onlyChild(response, SAML2, 'Assertion'), onlyChild(response, SAML2, 'EncryptedAssertion')];
    return held.some(Boolean) ? undefined : 'misshapen';
  },
];

export function checkEnvelope(response: Element, envelope: Envelope): LegacyRefusal | undefined {
  for (const rule of rules) {
    const broken = rule(response, envelope);
    if (broken) return broken;
  }
  return undefined;
}

const REFUSALS: Readonly<Record<string, LegacyRefusal>> = {
  [`${STATUS}:AuthnFailed`]: 'wrong-secret',
  [`${STATUS}:UnknownPrincipal`]: 'unknown-person',
  [`${STATUS}:NoAuthnContext`]: 'level-too-low',
  [`${STATUS}:RequestDenied`]: 'not-allowed',
};

/** Nothing of it counts as a fault of the partner: whoever holds the browser can write it. */
function refusalOf(status: Element | undefined): LegacyRefusal | undefined {
  const code = onlyChild(status, SAMLP, 'StatusCode');
  if (attributeOf(code, 'Value') === `${STATUS}:Success`) return undefined;
  return REFUSALS[attributeOf(onlyChild(code, SAMLP, 'StatusCode'), 'Value') ?? ''] ?? 'cancelled';
}
