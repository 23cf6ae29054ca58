import type { KeyObject } from 'node:crypto';
import type { LegacyRefusal } from '../answer.ts';
import { decryptElement } from '../assertions/decrypt-element.ts';
import { parseXmlBytes, type Xml } from '../assertions/parse-xml.ts';
import { readAssertion, SAML2 } from '../assertions/read-assertion.ts';
import { childrenOf, descendantsOf, elementsOf, isNamed } from '../assertions/read-elements.ts';
import type { Statement } from '../assertions/statement.ts';
import { verifySignature } from '../assertions/verify-signature.ts';
import { checkEnvelope, type Envelope, SAMLP } from './check-envelope.ts';

export interface Opening {
  readonly signers: readonly KeyObject[];
  readonly decryptionKeys: readonly KeyObject[];
  readonly signed: 'either' | 'assertion' | 'response' | 'both';
  readonly encryption: 'required' | 'allowed';
  readonly acceptCbc: boolean;
  readonly envelope: Envelope;
}

type Opened =
  | { readonly outcome: 'opened'; readonly statement: Statement }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

const refused = (reason: LegacyRefusal): Opened => ({ outcome: 'refused', reason });
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MOST_ENCODED = 350_000;

/**
 * Opens what the browser brought (E5, L18). One assertion in one response, where both belong; every signature that is
 * there is good; and the statement is read from bytes that were signed, of the assertion or of the response around it.
 */
export function openResponse(encoded: string, opening: Opening): Opened {
  const document = decode(encoded);
  if (!document || !isNamed(document.root, SAMLP, 'Response')) return refused('misshapen');
  if (!holdsOneAssertion(document.root)) return refused('forged');
  const response = verifySignature(document, document.root, { keys: opening.signers, idName: 'ID' });
  if (response.outcome === 'refused' && (response.reason === 'bad-signature' || wants('response', opening)))
    return refused(response.reason);
  const signed = response.outcome === 'verified' ? response.signed : undefined;
  const envelope = checkEnvelope((signed ?? document).root, opening.envelope);
  return envelope ? refused(envelope) : openAssertion({ document, signed }, opening);
}

const wants = (what: 'assertion' | 'response', { signed }: Opening): boolean => signed === what || signed === 'both';

interface Received {
  readonly document: Xml;
  /** The response as it was signed, if it was. */
  readonly signed: Xml | undefined;
}

function openAssertion(received: Received, opening: Opening): Opened {
  const carried = carriedIn(received, opening);
  if (!carried) return refused('misshapen');
  const own = verifySignature(carried.document, carried.assertion, { keys: opening.signers, idName: 'ID' });
  if (own.outcome === 'verified') return read(own.signed.root);
  const isCovered = received.signed && !wants('assertion', opening);
  return own.reason === 'unsigned' && isCovered ? read(carried.covered) : refused(own.reason);
}

function read(assertion: Element): Opened {
  const statement = readAssertion(assertion);
  return statement ? { outcome: 'opened', statement } : refused('misshapen');
}

function decode(encoded: string): Xml | undefined {
  if (encoded.length > MOST_ENCODED) return undefined;
  // Blanks are taken out first: an expression that allows for them in two places tries every way to part them.
  const bare = encoded.replaceAll(/\s/g, '');
  return BASE64.test(bare) ? parseXmlBytes(Buffer.from(bare, 'base64')) : undefined;
}

const ASSERTIONS = ['Assertion', 'EncryptedAssertion'];

/** Or none, when it says why not. Never two, nor one somewhere else: that is how signatures are wrapped. */
function holdsOneAssertion(root: Element): boolean {
  const all = [...descendantsOf(root)].filter(({ localName }) => ASSERTIONS.includes(localName));
  const own = elementsOf(root).filter((child) => ASSERTIONS.some((name) => isNamed(child, SAML2, name)));
  return all.length <= 1 && own.length === all.length;
}

interface Carried {
  /** Its own signature is checked where it came from… */
  readonly document: Xml;
  readonly assertion: Element;
  /** …and if it has none, it is read from the bytes of the response that was signed. */
  readonly covered: Element;
}

function carriedIn(
  { document, signed }: Received,
  { decryptionKeys, encryption, acceptCbc }: Opening,
): Carried | undefined {
  const holder = signed ?? document;
  const [sealed] = childrenOf(holder.root, SAML2, 'EncryptedAssertion');
  if (sealed) {
    const opened = decryptElement(sealed, { keys: decryptionKeys, acceptCbc: acceptCbc || signed !== undefined });
    if (!opened || !isNamed(opened.root, SAML2, 'Assertion')) return undefined;
    return { document: opened, assertion: opened.root, covered: opened.root };
  }
  const [assertion] = childrenOf(document.root, SAML2, 'Assertion');
  const [covered] = childrenOf(holder.root, SAML2, 'Assertion');
  return assertion && covered && encryption === 'allowed' ? { document, assertion, covered } : undefined;
}
