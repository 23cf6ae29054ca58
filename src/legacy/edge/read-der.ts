/**
 * The least of DER that certificates and revocation lists need, by hand: Node reads a certificate, but shows neither its
 * policies nor the bytes of its names, and reads no list; no library of ours does. Strict: what OpenSSL would read
 * another way is refused. All of it throws RangeError for what is no DER. @see X.690 §10
 */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length: what a signature is over. */
  readonly whole: Buffer;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The one value that these bytes are. */
export function readDer(bytes: Buffer): Der {
  const first = readAt(bytes, 0);
  if (first.whole.length !== bytes.length) throw new RangeError('more than one value');
  return first;
}

export function childrenOf({ tag, content }: Der): readonly Der[] {
  if ((tag & 0x20) === 0) throw new RangeError('not made of others');
  const found: Der[] = [];
  for (let at = 0; at < content.length; at += found.at(-1)?.whole.length ?? 0) found.push(readAt(content, at));
  return found;
}

function readAt(bytes: Buffer, at: number): Der {
  const tag = bytes.readUInt8(at);
  if ((tag & 0x1f) === 0x1f) throw new RangeError('a tag of several bytes');
  const { length, from } = readLength(bytes, at + 1);
  const end = from + length;
  if (end > bytes.length) throw new RangeError('cut off');
  return { tag, content: bytes.subarray(from, end), whole: bytes.subarray(at, end) };
}

function readLength(bytes: Buffer, at: number): { readonly length: number; readonly from: number } {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { length: first, from: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new RangeError('a length of no end, or of too many bytes');
  const length = bytes.readUIntBE(at + 1, size);
  if (length < 0x80 || length < 256 ** (size - 1)) throw new RangeError('a length that is longer than it need be');
  return { length, from: at + 1 + size };
}

/** The value at a place that must be there, of a tag when it matters. */
export function need(value: Der | undefined, tag?: number): Der {
  if (!value || (tag !== undefined && value.tag !== tag)) throw new RangeError('something else is expected here');
  return value;
}

/** Dotted. */
export function oidOf(value: Der | undefined): string {
  const { content } = need(value, TAG.oid);
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...others] = arcs;
  if (first === undefined || ((content.at(-1) ?? 0) & 0x80) !== 0)
    throw new RangeError('an identifier that has no end');
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...others].join('.');
}

const UTC = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** @see RFC 5280 §4.1.2.5 */
export function timeOf({ tag, content }: Der): Date {
  const parts = (tag === TAG.utcTime ? UTC : GENERALIZED).exec(content.toString('latin1'));
  if (!parts || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) throw new RangeError('no time');
  const [year = 0, month = 0, ...others] = parts.slice(1).map(Number);
  const [day, hours, minutes, seconds] = others;
  const century = tag === TAG.generalizedTime ? 0 : year < 50 ? 2000 : 1900;
  return new Date(Date.UTC(century + year, month - 1, day, hours, minutes, seconds));
}

export interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** By their identifiers; one that stands there twice makes the whole misshapen. */
export function extensionsOf(list: Der): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  for (const one of childrenOf(list)) {
    const [id, ...others] = childrenOf(one);
    const oid = oidOf(id);
    const critical = others.length > 1 && need(others[0], TAG.boolean).content.readUInt8(0) !== 0;
    if (found.has(oid)) throw new RangeError('an extension twice');
    found.set(oid, { critical, value: need(others.at(-1), TAG.octets).content });
  }
  return found;
}
