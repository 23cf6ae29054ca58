import { childNodes, isElement } from './parse-xml.ts';

/** Child elements, in order; never those that are deeper. */
export const elementsOf = (parent: Element): readonly Element[] => [...childNodes(parent)].filter(isElement);

export const childrenOf = (parent: Element, namespace: string, name: string): readonly Element[] =>
  elementsOf(parent).filter((child) => isNamed(child, namespace, name));

/** The one child of that name; undefined when there is none, or more than one. */
export function onlyChild(parent: Element | undefined, namespace: string, name: string): Element | undefined {
  const found = parent ? childrenOf(parent, namespace, name) : [];
  return found.length === 1 ? found[0] : undefined;
}

export const isNamed = (element: Element, namespace: string, name: string): boolean =>
  element.localName === name && element.namespaceURI === namespace;

/** All text of an element that holds nothing but text. */
export function textOf(element: Element | undefined): string | undefined {
  if (!element || elementsOf(element).length > 0) return undefined;
  const text = element.textContent?.trim() ?? '';
  return text === '' ? undefined : text;
}

export const attributeOf = (element: Element | undefined, name: string): string | undefined =>
  element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;

export const attributeOfNs = (element: Element, namespace: string, name: string): string | undefined =>
  element.hasAttributeNS(namespace, name) ? (element.getAttributeNS(namespace, name) ?? undefined) : undefined;

/** The element and all below it. */
export function* descendantsOf(root: Element): Generator<Element> {
  const waiting = [root];
  for (let element = waiting.pop(); element; element = waiting.pop()) {
    yield element;
    waiting.push(...elementsOf(element).toReversed());
  }
}
