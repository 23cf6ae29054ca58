import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export interface Control {
  readonly tag: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** A form as a browser would see it. */
export interface PageForm {
  /** Resolved against the page, and its `<base>`. */
  readonly action: URL;
  readonly method: string;
  readonly controls: readonly Control[];
  /** Digest of all that a browser acts on, but for values, which are new each time, and the host. */
  readonly shape: string;
}

export interface Page {
  /** Forms that have a password field. */
  readonly forms: readonly PageForm[];
  /** What is read aloud, on one line, in small letters. */
  readonly text: string;
  /** Text of the one element of that id. */
  textOf(id: string): string | undefined;
}

const isPassword = ({ type }: Control): boolean => type === 'password';
const CONTROLS = new Set(['input', 'select', 'textarea', 'button']);
const SILENT = new Set(['script', 'style', 'template', 'noscript', 'head']);
const MOST_NODES = 20_000;

/** Undefined for a page of more elements than a log-in page has, or whose addresses are none. */
export function readPage(html: string, url: string): Page | undefined {
  const all = elementsOf(parse(html));
  if (!all) return undefined;
  const base = all.find(({ tagName }) => tagName === 'base');
  const home = URL.parse(attribute(base, 'href') ?? '', url);
  if (!home) return undefined;
  const read = all.filter(({ tagName }) => tagName === 'form').map((form) => readForm(form, all, home));
  return {
    forms: read.filter((form) => form !== undefined).filter(({ controls }) => controls.some(isPassword)),
    text: textOf(all[0]).toLowerCase(),
    textOf(id) {
      const found = all.filter((element) => attribute(element, 'id') === id);
      return found.length === 1 ? textOf(found[0]) : undefined;
    },
  };
}

function readForm(form: Element, all: readonly Element[], home: URL): PageForm | undefined {
  const action = URL.parse(attribute(form, 'action') ?? '', home);
  const inside = new Set(elementsOf(form));
  const id = attribute(form, 'id');
  // A control may stand elsewhere and belong to the form all the same.
  const own = all.filter((element) => {
    const owner = attribute(element, 'form');
    return CONTROLS.has(element.tagName) && (owner === undefined ? inside.has(element) : owner === id);
  });
  if (!action) return undefined;
  const controls = own.map(readControl);
  const method = (attribute(form, 'method') ?? 'get').toLowerCase();
  const structure = [
    action.pathname,
    method,
    attribute(form, 'enctype') ?? '',
    ...own.map((element, at) => [
      controls[at]?.tag,
      controls[at]?.type,
      controls[at]?.name,
      ...['formaction', 'formmethod', 'onclick', 'onchange'].map((name) => attribute(element, name) ?? ''),
    ]),
    attribute(form, 'onsubmit') ?? '',
  ];
  const shape = `sha256:${createHash('sha256').update(JSON.stringify(structure)).digest('base64url')}`;
  return { action, method, controls, shape };
}

const readControl = (element: Element): Control => ({
  tag: element.tagName,
  type: (attribute(element, 'type') ?? (element.tagName === 'button' ? 'submit' : 'text')).toLowerCase(),
  name: attribute(element, 'name') ?? '',
  value: attribute(element, 'value') ?? '',
});

const attribute = (element: Element | undefined, name: string): string | undefined =>
  element?.attrs.find((candidate) => candidate.name === name)?.value;

const isElement = (node: Node): node is Element => 'tagName' in node;
const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : []);

/** The node's elements in the order of the page; undefined for too many. */
function elementsOf(root: Node): readonly Element[] | undefined {
  const found: Element[] = [];
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (isElement(node) && node !== root) found.push(node);
    if (found.length > MOST_NODES) return undefined;
    waiting.push(...childrenOf(node).toReversed());
  }
  return found;
}

function textOf(element: Element | undefined): string {
  const texts: string[] = [];
  const waiting: Node[] = element ? [element] : [];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if ('value' in node) texts.push(node.value);
    if (isElement(node) && SILENT.has(node.tagName)) continue;
    waiting.push(...childrenOf(node).toReversed());
  }
  return texts.join(' ').replaceAll(/\s+/g, ' ').trim();
}
