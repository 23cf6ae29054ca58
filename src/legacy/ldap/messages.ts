import { LegacyFault } from '../legacy-fault.ts';
import { type Element, need, readElements, wholeNumber } from './elements.ts';

export interface Result {
  readonly code: number;
  /** The server's own words. Not for the log: some repeat the name. */
  readonly diagnostic: string;
  readonly policy: PasswordPolicy;
}

/** What the password-policy control says. @see draft-behera-ldap-password-policy-10 §6.2 */
export interface PasswordPolicy {
  readonly secondsLeft?: number | undefined;
  readonly graceLeft?: number | undefined;
  readonly error?: number | undefined;
}

export interface Entry {
  readonly dn: string;
  /** By name in lower case, without options. */
  readonly values: ReadonlyMap<string, readonly Buffer[]>;
}

export type Message =
  | { readonly kind: 'bound' | 'found-all' | 'extended'; readonly result: Result }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'reference' };

const SEQUENCE = 0x30;
const SET = 0x31;
const OCTETS = 0x04;
const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

const RESULTS = new Map<number, 'bound' | 'found-all' | 'extended'>([
  [0x61, 'bound'],
  [0x65, 'found-all'],
  [0x78, 'extended'],
]);

/**
 * What a server said. Strict: ldapts takes a result that is missing for success, and never comes back from values that
 * lie about their length. @throws LegacyFault
 */
export function readMessage(bytes: Buffer): { readonly id: number; readonly message: Message } {
  const parts = readElements(need(readElements(bytes), 0, SEQUENCE));
  const id = wholeNumber(need(parts, 0, 0x02));
  const operation = parts[1];
  if (operation === undefined) throw new LegacyFault('garbage', 'not LDAP: nothing is said');
  return { id, message: readOperation(operation, parts[2]) };
}

function readOperation({ tag, body }: Element, controls: Element | undefined): Message {
  if (tag === 0x64) return { kind: 'entry', entry: readEntry(readElements(body)) };
  if (tag === 0x73) return { kind: 'reference' };
  const kind = RESULTS.get(tag);
  if (kind === undefined) throw new LegacyFault('garbage', `an answer of kind ${tag.toString(16)}`);
  const parts = readElements(body);
  const [code, diagnostic] = [wholeNumber(need(parts, 0, 0x0a)), need(parts, 2, OCTETS).toString()];
  return { kind, result: { code, diagnostic, policy: readPolicy(controls) } };
}

function readEntry(parts: readonly Element[]): Entry {
  const values = new Map<string, readonly Buffer[]>();
  for (const { body } of readElements(need(parts, 1, SEQUENCE))) {
    const attribute = readElements(body);
    const [name = ''] = need(attribute, 0, OCTETS).toString().toLowerCase().split(';');
    const listed = readElements(need(attribute, 1, SET)).map(({ body: value }) => value);
    values.set(name, [...(values.get(name) ?? []), ...listed]);
  }
  return { dn: need(parts, 0, OCTETS).toString(), values };
}

function readPolicy(controls: Element | undefined): PasswordPolicy {
  if (controls?.tag !== 0xa0) return {};
  for (const { body } of readElements(controls.body)) {
    const parts = readElements(body);
    if (need(parts, 0, OCTETS).toString() !== PASSWORD_POLICY) continue;
    const value = parts.at(-1);
    return value?.tag === OCTETS ? policyOf(readElements(need(readElements(value.body), 0, SEQUENCE))) : {};
  }
  return {};
}

const numberIn = (element: Element | undefined): number | undefined => element && wholeNumber(element.body);

function policyOf(parts: readonly Element[]): PasswordPolicy {
  const warnings = readElements(parts.find(({ tag }) => tag === 0xa0)?.body ?? Buffer.alloc(0));
  return {
    secondsLeft: numberIn(warnings.find(({ tag }) => tag === 0x80)),
    graceLeft: numberIn(warnings.find(({ tag }) => tag === 0x81)),
    error: numberIn(parts.find(({ tag }) => tag === 0x81)),
  };
}
