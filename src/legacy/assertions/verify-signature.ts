import type { KeyObject } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { parseXml, type Xml, type XmlLimits } from './parse-xml.ts';
import { attributeOf, childrenOf, descendantsOf, elementsOf, isNamed, onlyChild } from './read-elements.ts';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${DS}enveloped-signature`;
/** SHA-1 is not among them: two documents can share one signature. */
const SIGNATURES = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
];
const DIGESTS = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'];
const ID = /^[A-Za-z_][\w.-]{0,255}$/;
const ID_NAMES = ['id', 'assertionid', 'responseid'];

export type IdName = 'ID' | 'AssertionID';

export type Verified =
  /** What was signed, parsed anew from the very bytes: nothing else of the document may be read. */
  | { readonly outcome: 'verified'; readonly signed: Xml }
  | { readonly outcome: 'refused'; readonly reason: 'unsigned' | 'bad-signature' };

const bad = { outcome: 'refused', reason: 'bad-signature' } as const;

interface Wanted {
  readonly keys: readonly KeyObject[];
  readonly idName: IdName;
  readonly limits?: XmlLimits;
}

/**
 * Checks the enveloped signature of one element with keys that we knew before. Whatever the signature says of keys is
 * ignored. @see SAML 2.0 core §5.4, and L18: the element is found by us, the signature must be its own child and must be
 * about it, and what is read afterwards are the bytes that the digest was made of.
 */
export function verifySignature(document: Xml, element: Element, { keys, idName, limits = {} }: Wanted): Verified {
  const signatures = childrenOf(element, DS, 'Signature');
  const [signature] = signatures;
  if (!signature) return { outcome: 'refused', reason: 'unsigned' };
  const id = attributeOf(element, idName);
  if (signatures.length > 1 || id === undefined || !ID.test(id)) return bad;
  if (!isPlain(signature, id) || !isAlone(document.root, id)) return bad;
  for (const key of keys) {
    const bytes = bytesSigned(document.text, signature, { key, idName });
    if (bytes === undefined) continue;
    const signed = parseXml(bytes, limits);
    return signed && isSame(signed.root, element, idName) ? { outcome: 'verified', signed } : bad;
  }
  return bad;
}

const isSame = (signed: Element, element: Element, idName: IdName): boolean =>
  isNamed(signed, element.namespaceURI ?? '', element.localName) &&
  attributeOf(signed, idName) === attributeOf(element, idName);

function bytesSigned(
  text: string,
  signature: Element,
  { key, idName }: { readonly key: KeyObject; readonly idName: IdName },
): string | undefined {
  const check = new SignedXml({ publicCert: key, getCertFromKeyInfo: () => null });
  check.idAttributes = [idName];
  check.SignatureAlgorithms = only(check.SignatureAlgorithms, SIGNATURES);
  check.HashAlgorithms = only(check.HashAlgorithms, DIGESTS);
  check.CanonicalizationAlgorithms = only(check.CanonicalizationAlgorithms, [EXCLUSIVE, ENVELOPED]);
  try {
    check.loadSignature(signature);
    if (!check.checkSignature(text)) return undefined;
    const [bytes, ...others] = check.getSignedReferences();
    return others.length === 0 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const only = <Algorithm>(all: Record<string, Algorithm>, names: readonly string[]): Record<string, Algorithm> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));

/** Of the one shape that SAML allows; the library looks for some parts by name only, wherever they are. */
function isPlain(signature: Element, id: string): boolean {
  const signedInfo = onlyChild(signature, DS, 'SignedInfo');
  const reference = onlyChild(signedInfo, DS, 'Reference');
  const transforms = onlyChild(reference, DS, 'Transforms');
  return (
    /^SignedInfo SignatureValue( KeyInfo)?$/.test(names(signature)) &&
    names(signedInfo) === 'CanonicalizationMethod SignatureMethod Reference' &&
    names(reference) === 'Transforms DigestMethod DigestValue' &&
    attributeOf(reference, 'URI') === `#${id}` &&
    (transforms ? elementsOf(transforms) : []).map((step) => attributeOf(step, 'Algorithm')).join(' ') ===
      `${ENVELOPED} ${EXCLUSIVE}`
  );
}

const names = (parent: Element | undefined): string => (parent ? elementsOf(parent) : []).map(nameIn).join(' ');

const nameIn = (element: Element): string => (element.namespaceURI === DS ? element.localName : '?');

/** Nothing else of the document answers to the id, however the attribute is spelt. */
function isAlone(root: Element, id: string): boolean {
  let found = 0;
  for (const { attributes } of descendantsOf(root))
    for (let at = 0; at < attributes.length; at += 1) {
      const attribute = attributes.item(at);
      if (attribute?.value === id && ID_NAMES.includes(attribute.localName.toLowerCase())) found += 1;
    }
  return found === 1;
}
