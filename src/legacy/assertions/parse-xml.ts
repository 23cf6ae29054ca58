import { DOMParser } from '@xmldom/xmldom';

export interface XmlLimits {
  /** Characters; a message of a partner is far below the default of 256 Ki. */
  readonly most?: number;
  /** Published metadata is full of them; a message has no use for any, and they cut names in two (L18). */
  readonly comments?: 'refused' | 'dropped';
  /** Elements and attributes; a message of a partner has some hundred. */
  readonly nodes?: number;
}

const MOST_CHARACTERS = 256 * 1024;
const MOST_DEPTH = 64;
/** To bring many into the form that is signed takes seconds, in which nobody else is served. */
const MOST_NODES = 3000;
const ANY_MARKUP = /<[!?]/;
const DECLARATIONS = /<(\?|!(?!--|\[CDATA\[))/;
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const PROLOGUE = /^<\?xml version=(["'])1\.0\1( encoding=(["'])utf-8\3)?( standalone=(["'])(yes|no)\5)? *\?>/i;

export interface Xml {
  /** What was parsed: without the prologue. */
  readonly text: string;
  readonly root: Element;
}

/**
 * XML of somebody whom we do not trust yet. Undefined for whatever is not plain: no document type (so no entity of any
 * kind, however it is nested), no processing instruction, nothing that a lenient parser would have to repair.
 */
export function parseXml(
  input: string,
  { most = MOST_CHARACTERS, comments = 'refused', nodes = MOST_NODES }: XmlLimits = {},
): Xml | undefined {
  if (input.length > most) return undefined;
  const text = input.trim().replace(PROLOGUE, '');
  if (NOT_XML.test(text)) return undefined;
  if ((comments === 'refused' ? ANY_MARKUP : DECLARATIONS).test(text)) return undefined;
  const root = parse(text);
  return root && isSound(root, nodes) ? { text, root } : undefined;
}

/** Of bytes, which must be UTF-8: a name that was read in another way would be another name. */
export function parseXmlBytes(bytes: Uint8Array, limits?: XmlLimits): Xml | undefined {
  try {
    return parseXml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), limits);
  } catch {
    return undefined;
  }
}

const fail = (message: string): never => {
  throw new SyntaxError(message);
};

function parse(text: string): Element | undefined {
  try {
    const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } });
    const { documentElement: root } = parser.parseFromString(text, 'text/xml');
    // The library's types promise one; there is none in an empty document.
    return root?.nodeType === 1 && isAlone(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

/** The library lets anything follow the root. */
const isAlone = (root: Element): boolean =>
  [...childNodes(root.parentNode)].every(
    (node) => node === root || node.nodeType === 8 || node.textContent?.trim() === '',
  );

/** What walks a tree later does so by recursion: it must not be deep. And no prefix may stand for nothing. */
function isSound(root: Element, nodes: number): boolean {
  let left = nodes;
  const waiting: [element: Element, depth: number][] = [[root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [element, depth] = next;
    left -= 1 + element.attributes.length;
    if (left < 0 || depth > MOST_DEPTH || (element.prefix && !element.namespaceURI)) return false;
    for (const child of childNodes(element)) if (isElement(child)) waiting.push([child, depth + 1]);
  }
  return true;
}

export const isElement = (node: Node): node is Element => node.nodeType === 1;

export function* childNodes(parent: Node | null): Generator<Node> {
  for (let node = parent?.firstChild; node; node = node.nextSibling) yield node;
}
