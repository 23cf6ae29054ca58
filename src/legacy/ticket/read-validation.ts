import type { LegacyRefusal } from '../answer.ts';
import { parseXmlBytes } from '../assertions/parse-xml.ts';
import { attributeOf, elementsOf, isNamed, onlyChild, textOf } from '../assertions/read-elements.ts';
import type { Claim } from '../assertions/statement.ts';
import { LegacyFault } from '../legacy-fault.ts';

const CAS = 'http://www.yale.edu/tp/cas';

export type Validation =
  | { readonly outcome: 'valid'; readonly user: string; readonly claims: readonly Claim[] }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

const REFUSALS: Readonly<Record<string, LegacyRefusal>> = {
  // Unknown, too old, or used: the server does not say which.
  INVALID_TICKET: 'stale',
  // Made in a session that was open already.
  INVALID_TICKET_SPEC: 'stale',
  INVALID_SERVICE: 'wrong-audience',
};

/**
 * Reads what `serviceValidate` says: CAS 2 or 3, success or failure and not both.
 * @throws LegacyFault when it is not that, or when the server will not answer us
 */
export function readValidation(body: Buffer): Validation {
  const document = parseXmlBytes(body);
  if (!document || !isNamed(document.root, CAS, 'serviceResponse'))
    throw new LegacyFault('garbage', 'not a response of CAS');
  const [result, ...others] = elementsOf(document.root);
  if (!result || others.length > 0) throw new LegacyFault('garbage', 'not one result');
  if (isNamed(result, CAS, 'authenticationFailure')) return readFailure(result);
  if (!isNamed(result, CAS, 'authenticationSuccess')) throw new LegacyFault('garbage', 'neither success nor failure');
  // Somebody else's service stands between the person and us.
  if (elementsOf(result).some((element) => isNamed(element, CAS, 'proxies')))
    return { outcome: 'refused', reason: 'not-allowed' };
  const user = textOf(onlyChild(result, CAS, 'user'));
  if (user === undefined || user.length > 255) throw new LegacyFault('garbage', 'not one user');
  return { outcome: 'valid', user, claims: readClaims(onlyChild(result, CAS, 'attributes')) };
}

function readFailure(failure: Element): Validation {
  const code = attributeOf(failure, 'code') ?? '';
  const reason = REFUSALS[code];
  if (reason) return { outcome: 'refused', reason };
  if (code === 'INTERNAL_ERROR') throw new LegacyFault('server-error', code);
  if (code.startsWith('UNAUTHORIZED_SERVICE')) throw new LegacyFault('refused-us', 'not a service of theirs');
  throw new LegacyFault('garbage', 'a failure that CAS does not know');
}

const readClaims = (attributes: Element | undefined): readonly Claim[] =>
  (attributes ? elementsOf(attributes) : []).map((element) => ({
    name: element.localName,
    values: [{ text: textOf(element) ?? '', element }],
  }));
