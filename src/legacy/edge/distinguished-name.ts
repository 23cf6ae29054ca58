import { childrenOf, type Der, need, oidOf, TAG } from './read-der.ts';

export interface NamePart {
  /** Dotted. */
  readonly type: string;
  readonly value: string;
}

/** In the order of the certificate, the widest first; a place may hold several parts. */
export type DistinguishedName = readonly (readonly NamePart[])[];

export type NameForm = 'canonical' | 'rfc4514' | 'one-line';

/** Short names as RFC 4514 and OpenSSL write them. */
const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};
const OTHERS: Readonly<Record<string, string>> = {
  s: '2.5.4.8',
  e: '1.2.840.113549.1.9.1',
  email: '1.2.840.113549.1.9.1',
  givenname: '2.5.4.42',
  surname: '2.5.4.4',
  t: '2.5.4.12',
};
const LONG = new Map([
  ...Object.entries(SHORT).map(([oid, name]) => [name.toLowerCase(), oid] as const),
  ...Object.entries(OTHERS),
]);

export const typeOf = (name: string): string => LONG.get(name.toLowerCase()) ?? name;

/** @throws RangeError */
export const readName = (name: Der): DistinguishedName =>
  childrenOf(need(name, TAG.sequence)).map((place) =>
    childrenOf(need(place, TAG.set)).map((part) => {
      const [type, value] = childrenOf(part);
      return { type: oidOf(type), value: textOf(need(value)) };
    }),
  );

const utf8 = new TextDecoder('utf-8', { fatal: true });
const utf16 = new TextDecoder('utf-16be', { fatal: true });

/** What is no text is written as its bytes. */
function textOf({ tag, content, whole }: Der): string {
  try {
    if (tag === 0x0c) return utf8.decode(content);
    if (tag === 0x1e) return utf16.decode(content);
  } catch {
    throw new RangeError('no text');
  }
  // Numeric, printable, teletex as it is used, IA5.
  return [0x12, 0x13, 0x14, 0x16].includes(tag) ? content.toString('latin1') : `#${whole.toString('hex')}`;
}

/**
 * One text for one name, however the authority has encoded it and whatever case a renewal has. @see RFC 4514; the
 * comparison is that of RFC 5280 §7.1
 */
export function writeName(name: DistinguishedName, form: NameForm = 'canonical'): string {
  if (form === 'one-line')
    return name
      .map((place) => place.map(({ type, value }) => `/${SHORT[type] ?? type}=${oneLine(value)}`).join(''))
      .join('');
  return name
    .toReversed()
    .map((place) => {
      const parts = place.map(
        ({ type, value }) => `${SHORT[type] ?? type}=${form === 'canonical' ? escape(folded(value)) : escape(value)}`,
      );
      return (form === 'canonical' ? parts.toSorted() : parts).join('+');
    })
    .join(',');
}

const folded = (value: string): string => value.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');

const escape = (value: string): string =>
  value
    .replaceAll(/[\\"+,;<>]|^[ #]| $/g, (found) => `\\${found}`)
    .replaceAll(/\p{Cc}/gu, (found) =>
      Buffer.from(found)
        .toString('hex')
        .replaceAll(/../g, (byte) => `\\${byte.toUpperCase()}`),
    );

/** As X509_NAME_oneline does. */
const oneLine = (value: string): string =>
  [...Buffer.from(value)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

const LONGEST = 2000;

/** Whether a name in any of the forms is that of a certificate. */
export function isNameOf(text: string, name: DistinguishedName): boolean {
  if (text.length > LONGEST) return false;
  const read = text.startsWith('/') ? parseOneLine(text) : parseRfc4514(text);
  return read !== undefined && writeName(read) === writeName(name);
}

const ONE_LINE = /\/(?=[A-Za-z0-9.]+=)/;

function parseOneLine(text: string): DistinguishedName | undefined {
  const parts = text.split(ONE_LINE).slice(1);
  return parts.map((part) => {
    const at = part.indexOf('=');
    return [{ type: typeOf(part.slice(0, at)), value: unescapeBytes(part.slice(at + 1), /\\x([0-9A-Fa-f]{2})/y) }];
  });
}

const PART = /\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)\s*=\s*((?:\\[0-9A-Fa-f]{2}|\\.|[^\\,;+])*?)\s*(?:([,;+])|$)/suy;

function parseRfc4514(text: string): DistinguishedName | undefined {
  const places: NamePart[][] = [];
  let joins = false;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const found = PART.exec(text);
    if (!found) return undefined;
    const [, type = '', value = '', end] = found;
    const part = { type: typeOf(type), value: unescapeBytes(value, /\\(?:([0-9A-Fa-f]{2})|(.))/suy) };
    if (joins) places.at(-1)?.push(part);
    else places.push([part]);
    joins = end === '+';
    if (end === undefined) return places.toReversed();
  }
  return undefined;
}

/** Bytes that are written in hex, among text. */
function unescapeBytes(text: string, pattern: RegExp): string {
  const bytes: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (found) bytes.push(found[1] === undefined ? Buffer.from(found[2] ?? '') : Buffer.from(found[1], 'hex'));
    else bytes.push(Buffer.from(character));
    at += found ? found[0].length : character.length;
  }
  return Buffer.concat(bytes).toString('utf8');
}
