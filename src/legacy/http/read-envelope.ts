import { parseXml } from '../assertions/parse-xml.ts';
import { attributeOf, childrenOf, elementsOf, isNamed, onlyChild, textOf } from '../assertions/read-elements.ts';
import type { HttpAnswer } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { type Reply, textOfBody } from './reply.ts';
import type { SoapSettings } from './soap-settings.ts';
import { GOVTALK, SOAP } from './write-envelope.ts';

const XML_TYPE = /^(?:text\/xml|application\/(?:[a-z0-9.+-]+\+)?xml) *(?:;|$)/i;

/** An answer in the envelope that the question had. @throws LegacyFault for anything else */
export function readEnvelope({ status, headers, body }: HttpAnswer, settings: SoapSettings): Reply {
  const isXml = XML_TYPE.test(headers['content-type'] ?? '');
  if (!isXml) throw new LegacyFault(status >= 500 ? 'server-error' : 'garbage', `no XML, with status ${status}`);
  const document = parseXml(textOfBody(body), { comments: 'dropped' });
  const start = document && startOf(document.root, settings);
  if (!start) throw new LegacyFault('garbage', 'not the envelope that was agreed');
  const namespaces = prefixesOf(settings);
  // A fault that no rule describes is theirs, whatever status it came with.
  const isFault = settings.envelope !== 'govtalk' && childrenOf(start, SOAP[settings.envelope], 'Fault').length > 0;
  const seen = isFault ? Math.max(status, 500) : status;
  return { status: seen, headers, isPage: false, read: (path) => findIn(start, path, namespaces) };
}

/** What stands for what in paths; those of the envelopes are ours. */
export const prefixesOf = ({ envelope, namespaces }: SoapSettings): Readonly<Record<string, string>> => ({
  ...namespaces,
  ...(envelope === 'govtalk' ? { govtalk: GOVTALK } : { soap: SOAP[envelope] }),
});

/** Where paths begin: the one Body of SOAP, which has one child; the message itself of GovTalk. */
function startOf(root: Element, { envelope }: SoapSettings): Element | undefined {
  if (envelope === 'govtalk') return isNamed(root, GOVTALK, 'GovTalkMessage') ? root : undefined;
  if (!isNamed(root, SOAP[envelope], 'Envelope')) return undefined;
  const body = onlyChild(root, SOAP[envelope], 'Body');
  return body && elementsOf(body).length === 1 ? body : undefined;
}

/** A step without a prefix is an element without a namespace, as in the faults of SOAP 1.1. */
function isStep(element: Element, step: string, namespaces: Readonly<Record<string, string>>): boolean {
  const [prefix = '', name] = step.split(':');
  if (name === undefined) return element.localName === step && (element.namespaceURI ?? '') === '';
  const namespace = namespaces[prefix];
  return namespace !== undefined && isNamed(element, namespace, name);
}

/** `a:Result/a:Code`, `a:Result/@state`. Two of a name lead nowhere: which of them was meant is not for us to say. */
function findIn(start: Element, path: string, namespaces: Readonly<Record<string, string>>): string | undefined {
  let at: Element | undefined = start;
  for (const step of path.split('/')) {
    if (step.startsWith('@')) return attributeOf(at, step.slice(1));
    const found: readonly Element[] = at ? elementsOf(at).filter((child) => isStep(child, step, namespaces)) : [];
    at = found.length === 1 ? found[0] : undefined;
  }
  return textOf(at);
}
