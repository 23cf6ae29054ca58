import { attributeOf, childrenOf, elementsOf, isNamed, onlyChild, textOf } from './read-elements.ts';
import { type Claim, type NameId, readTime, type Statement } from './statement.ts';

export const SAML1 = 'urn:oasis:names:tc:SAML:1.0:assertion';
const BEARER = 'urn:oasis:names:tc:SAML:1.0:cm:bearer';
const CONDITIONS = ['AudienceRestrictionCondition', 'DoNotCacheCondition'];
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/**
 * Reads a verified SAML 1.1 token, as WS-Federation carries it. Undefined when a part is missing that a check needs.
 * Each statement of it has a subject of its own: all must be one (SAML 1.1 core §2.4.2.2).
 */
export function readSaml11Token(token: Element): Statement | undefined {
  const version = `${attributeOf(token, 'MajorVersion')}.${attributeOf(token, 'MinorVersion')}`;
  if (!isNamed(token, SAML1, 'Assertion') || version !== '1.1') return undefined;
  const id = attributeOf(token, 'AssertionID');
  const issuer = attributeOf(token, 'Issuer');
  const issuedAt = readTime(attributeOf(token, 'IssueInstant'));
  const conditions = readConditions(token);
  const authentication = readAuthentication(token);
  const subject = readSubject(token);
  if (id === undefined || issuer === undefined || !issuedAt || !conditions || !authentication || !subject)
    return undefined;
  return { id, issuer, issuedAt, ...conditions, ...subject, authentication, claims: readClaims(token) };
}

function readConditions(token: Element): Pick<Statement, 'notBefore' | 'notOnOrAfter' | 'audiences'> | undefined {
  const conditions = onlyChild(token, SAML1, 'Conditions');
  const notBefore = readTime(attributeOf(conditions, 'NotBefore'));
  const notOnOrAfter = readTime(attributeOf(conditions, 'NotOnOrAfter'));
  if (!conditions || !notBefore || !notOnOrAfter) return undefined;
  const restrictions = elementsOf(conditions);
  if (!restrictions.every((one) => CONDITIONS.some((name) => isNamed(one, SAML1, name)))) return undefined;
  const audiences = childrenOf(conditions, SAML1, 'AudienceRestrictionCondition').map((one) =>
    childrenOf(one, SAML1, 'Audience').map((audience) => textOf(audience) ?? ''),
  );
  return { notBefore, notOnOrAfter, audiences };
}

function readAuthentication(token: Element): Statement['authentication'] | undefined {
  const statement = onlyChild(token, SAML1, 'AuthenticationStatement');
  const at = readTime(attributeOf(statement, 'AuthenticationInstant'));
  const context = attributeOf(statement, 'AuthenticationMethod');
  return at && context !== undefined ? { at, context, sessionEnds: undefined } : undefined;
}

/** Nobody says where to, or for which request, in SAML 1.1: WS-Federation has the audience for that. */
function readSubject(token: Element): Pick<Statement, 'nameId' | 'bearers'> | undefined {
  const subjects = elementsOf(token).flatMap((statement) => childrenOf(statement, SAML1, 'Subject'));
  if (subjects.some(isHeldByKey)) return undefined;
  const names = subjects.map((subject) => readNameIdentifier(onlyChild(subject, SAML1, 'NameIdentifier')));
  const [nameId] = names;
  return names.every((name) => JSON.stringify(name) === JSON.stringify(nameId)) ? { nameId, bearers: [] } : undefined;
}

/** Such a token belongs to whoever has a key that nobody has shown us. */
function isHeldByKey(subject: Element): boolean {
  const confirmation = onlyChild(subject, SAML1, 'SubjectConfirmation');
  const methods = confirmation ? childrenOf(confirmation, SAML1, 'ConfirmationMethod') : [];
  return methods.some((method) => textOf(method) !== BEARER);
}

function readNameIdentifier(element: Element | undefined): NameId | undefined {
  const value = textOf(element);
  if (!element || value === undefined) return undefined;
  const format = attributeOf(element, 'Format') ?? UNSPECIFIED;
  return { value, format, nameQualifier: attributeOf(element, 'NameQualifier'), spNameQualifier: undefined };
}

const readClaims = (token: Element): readonly Claim[] =>
  childrenOf(token, SAML1, 'AttributeStatement')
    .flatMap((statement) => childrenOf(statement, SAML1, 'Attribute'))
    .map((attribute) => ({
      name: `${attributeOf(attribute, 'AttributeNamespace') ?? ''}/${attributeOf(attribute, 'AttributeName') ?? ''}`,
      values: childrenOf(attribute, SAML1, 'AttributeValue').map((element) => ({
        text: textOf(element) ?? '',
        element,
      })),
    }));
