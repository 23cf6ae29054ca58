import { LegacyFault } from '../legacy-fault.ts';

/** One value of BER: what it is, and its bytes. */
export interface Element {
  readonly tag: number;
  readonly body: Buffer;
}

/** How long the first value is, header and all. Undefined: not enough is there yet to tell. */
export function lengthOfFirst(bytes: Buffer): { readonly header: number; readonly total: number } | undefined {
  const [, first] = bytes;
  if (first === undefined) return undefined;
  if (first < 0x80) return { header: 2, total: 2 + first };
  const size = first & 0x7f;
  // LDAP knows definite lengths only (RFC 4511 §5.1), and nobody needs more than four bytes of them.
  if (size === 0 || size > 4) throw new LegacyFault('garbage', 'not LDAP: a length of no use');
  if (bytes.length < 2 + size) return undefined;
  return { header: 2 + size, total: 2 + size + bytes.readUIntBE(2, size) };
}

/** All values in a row. Every one must fit: what is cut off, or overlaps, is refused. @throws LegacyFault */
export function readElements(bytes: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const length = lengthOfFirst(rest);
    if (length === undefined || length.total > rest.length) throw new LegacyFault('garbage', 'not LDAP: cut off');
    found.push({ tag: rest.readUInt8(0), body: rest.subarray(length.header, length.total) });
    rest = rest.subarray(length.total);
  }
  return found;
}

/** The value in that place, which must be of that kind. @throws LegacyFault */
export function need(elements: readonly Element[], index: number, tag: number): Buffer {
  const element = elements[index];
  if (element?.tag !== tag) throw new LegacyFault('garbage', `not LDAP: no value of kind ${tag.toString(16)}`);
  return element.body;
}

/** @throws LegacyFault */
export function wholeNumber(body: Buffer): number {
  if (body.length === 0 || body.length > 4) throw new LegacyFault('garbage', 'not LDAP: a number of no use');
  return body.readIntBE(0, body.length);
}
