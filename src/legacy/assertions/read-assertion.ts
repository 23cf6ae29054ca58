import { attributeOf, childrenOf, elementsOf, isNamed, onlyChild, textOf } from './read-elements.ts';
import { type Authentication, type Bearer, type Claim, type NameId, readTime, type Statement } from './statement.ts';

export const SAML2 = 'urn:oasis:names:tc:SAML:2.0:assertion';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];

/**
 * Reads a verified assertion of SAML 2.0. Undefined when a part is missing that a check needs: nothing is optional here.
 * A condition that we do not know is one that we cannot keep (SAML core §2.5.1.1).
 */
export function readAssertion(assertion: Element): Statement | undefined {
  if (!isNamed(assertion, SAML2, 'Assertion') || attributeOf(assertion, 'Version') !== '2.0') return undefined;
  const id = attributeOf(assertion, 'ID');
  const issuer = textOf(onlyChild(assertion, SAML2, 'Issuer'));
  const issuedAt = readTime(attributeOf(assertion, 'IssueInstant'));
  const conditions = readConditions(assertion);
  const authentication = readAuthentication(assertion);
  const subject = onlyChild(assertion, SAML2, 'Subject');
  if (id === undefined || issuer === undefined || !issuedAt || !conditions || !authentication || !subject)
    return undefined;
  return {
    id,
    issuer,
    issuedAt,
    ...conditions,
    nameId: readNameId(onlyChild(subject, SAML2, 'NameID')),
    bearers: readBearers(subject),
    authentication,
    claims: readClaims(assertion),
  };
}

export function readNameId(element: Element | undefined): NameId | undefined {
  const value = textOf(element);
  if (!element || value === undefined) return undefined;
  return {
    value,
    format: attributeOf(element, 'Format') ?? UNSPECIFIED,
    nameQualifier: attributeOf(element, 'NameQualifier'),
    spNameQualifier: attributeOf(element, 'SPNameQualifier'),
  };
}

function readConditions(assertion: Element): Pick<Statement, 'notBefore' | 'notOnOrAfter' | 'audiences'> | undefined {
  const conditions = onlyChild(assertion, SAML2, 'Conditions');
  const notBefore = readTime(attributeOf(conditions, 'NotBefore'));
  const notOnOrAfter = readTime(attributeOf(conditions, 'NotOnOrAfter'));
  if (!conditions || !notBefore || !notOnOrAfter) return undefined;
  const isKnown = elementsOf(conditions).every((one) => CONDITIONS.some((name) => isNamed(one, SAML2, name)));
  if (!isKnown) return undefined;
  const audiences = childrenOf(conditions, SAML2, 'AudienceRestriction').map((restriction) =>
    childrenOf(restriction, SAML2, 'Audience').map((audience) => textOf(audience) ?? ''),
  );
  return { notBefore, notOnOrAfter, audiences };
}

const readBearers = (subject: Element): readonly Bearer[] =>
  childrenOf(subject, SAML2, 'SubjectConfirmation')
    .filter((confirmation) => attributeOf(confirmation, 'Method') === BEARER)
    .map((confirmation) => {
      const data = onlyChild(confirmation, SAML2, 'SubjectConfirmationData');
      return {
        recipient: attributeOf(data, 'Recipient'),
        inResponseTo: attributeOf(data, 'InResponseTo'),
        notBefore: readTime(attributeOf(data, 'NotBefore')),
        notOnOrAfter: readTime(attributeOf(data, 'NotOnOrAfter')),
      };
    });

function readAuthentication(assertion: Element): Authentication | undefined {
  const statement = onlyChild(assertion, SAML2, 'AuthnStatement');
  const at = readTime(attributeOf(statement, 'AuthnInstant'));
  const context = textOf(onlyChild(onlyChild(statement, SAML2, 'AuthnContext'), SAML2, 'AuthnContextClassRef'));
  if (!at || context === undefined) return undefined;
  return { at, context, sessionEnds: readTime(attributeOf(statement, 'SessionNotOnOrAfter')) };
}

const readClaims = (assertion: Element): readonly Claim[] =>
  childrenOf(assertion, SAML2, 'AttributeStatement')
    .flatMap((statement) => childrenOf(statement, SAML2, 'Attribute'))
    .map((attribute) => ({
      name: attributeOf(attribute, 'Name') ?? '',
      values: childrenOf(attribute, SAML2, 'AttributeValue').map((element) => ({
        text: textOf(element) ?? '',
        element,
      })),
    }));
