import type { KeyObject } from 'node:crypto';
import type { LegacyRefusal } from '../answer.ts';
import { decryptElement } from '../assertions/decrypt-element.ts';
import { parseXml, type Xml } from '../assertions/parse-xml.ts';
import { readAssertion, SAML2 } from '../assertions/read-assertion.ts';
import { childrenOf, descendantsOf, isNamed, onlyChild, textOf } from '../assertions/read-elements.ts';
import { readSaml11Token, SAML1 } from '../assertions/read-saml-11-token.ts';
import type { Statement } from '../assertions/statement.ts';
import { verifySignature } from '../assertions/verify-signature.ts';

const TRUSTS = ['http://schemas.xmlsoap.org/ws/2005/02/trust', 'http://docs.oasis-open.org/ws-sx/ws-trust/200512'];
const POLICY = ['http://schemas.xmlsoap.org/ws/2004/09/policy', 'http://www.w3.org/ns/ws-policy'];
const ADDRESSING = ['http://schemas.xmlsoap.org/ws/2004/08/addressing', 'http://www.w3.org/2005/08/addressing'];
const XENC = 'http://www.w3.org/2001/04/xmlenc#';

export interface TokenOpening {
  readonly signers: readonly KeyObject[];
  readonly decryptionKeys: readonly KeyObject[];
  readonly acceptCbc: boolean;
  readonly realm: string;
}

type Opened =
  | { readonly outcome: 'opened'; readonly statement: Statement }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

const refused = (reason: LegacyRefusal): Opened => ({ outcome: 'refused', reason });

/** Opens a `wresult` (E5, L18): one token, where it belongs, with a signature of its own, read from what was signed. */
export function openToken(wresult: string, opening: TokenOpening): Opened {
  const document = parseXml(wresult);
  const response = document && responseIn(document.root);
  if (!response) return refused('misshapen');
  if (!holdsOneToken(document.root)) return refused('forged');
  if (!isForUs(response.element, opening.realm)) return refused('wrong-audience');
  const holder = onlyChild(response.element, response.trust, 'RequestedSecurityToken');
  const token = holder && tokenIn({ document, holder }, opening);
  if (!token) return refused('misshapen');
  const is11 = isNamed(token.element, SAML1, 'Assertion');
  const idName = is11 ? 'AssertionID' : 'ID';
  const checked = verifySignature(token.document, token.element, { keys: opening.signers, idName });
  if (checked.outcome === 'refused') return refused(checked.reason);
  const { root } = checked.signed;
  const statement = is11 ? readSaml11Token(root) : readAssertion(root);
  return statement ? { outcome: 'opened', statement } : refused('misshapen');
}

/** Alone, or the only one of a collection (WS-Trust 1.3). */
function responseIn(root: Element): { readonly element: Element; readonly trust: string } | undefined {
  const trust = TRUSTS.find((namespace) => root.namespaceURI === namespace);
  if (trust === undefined) return undefined;
  const isCollection = root.localName === 'RequestSecurityTokenResponseCollection';
  const element = isCollection ? onlyChild(root, trust, 'RequestSecurityTokenResponse') : root;
  return element?.localName === 'RequestSecurityTokenResponse' ? { element, trust } : undefined;
}

const holdsOneToken = (root: Element): boolean =>
  [...descendantsOf(root)].filter(
    ({ localName, namespaceURI }) =>
      localName === 'Assertion' || (localName === 'EncryptedData' && namespaceURI === XENC),
  ).length === 1;

/** What the response says of whom it is for, when it says so; the audience of the token is what counts. */
function isForUs(response: Element, realm: string): boolean {
  const [appliesTo] = POLICY.flatMap((namespace) => childrenOf(response, namespace, 'AppliesTo'));
  if (!appliesTo) return true;
  return ADDRESSING.some((namespace) => {
    const endpoint = onlyChild(appliesTo, namespace, 'EndpointReference');
    return textOf(onlyChild(endpoint, namespace, 'Address')) === realm;
  });
}

interface Token {
  readonly document: Xml;
  readonly element: Element;
}

function tokenIn(
  { document, holder }: { readonly document: Xml; readonly holder: Element },
  { decryptionKeys: keys, acceptCbc }: TokenOpening,
): Token | undefined {
  const [plain] = [...childrenOf(holder, SAML1, 'Assertion'), ...childrenOf(holder, SAML2, 'Assertion')];
  if (plain) return { document, element: plain };
  const opened = decryptElement(onlyChild(holder, SAML2, 'EncryptedAssertion') ?? holder, { keys, acceptCbc });
  const isToken = opened && (isNamed(opened.root, SAML1, 'Assertion') || isNamed(opened.root, SAML2, 'Assertion'));
  return isToken ? { document: opened, element: opened.root } : undefined;
}
