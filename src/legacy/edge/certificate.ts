import { X509Certificate } from 'node:crypto';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { childrenOf, type Extension, extensionsOf, need, oidOf, readDer, TAG } from './read-der.ts';

/** A certificate as Node reads it, and what Node does not show of it. */
export interface Certificate {
  readonly x509: X509Certificate;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** DER of the two names: what lists and chains are matched by. */
  readonly subjectBytes: Buffer;
  readonly issuerBytes: Buffer;
  /** Hex of the number's bytes, upper case. */
  readonly serial: string;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Undefined for what is no certificate, or more than one. */
export function readCertificate(der: Buffer): Certificate | undefined {
  try {
    const x509 = new X509Certificate(der);
    const [body] = childrenOf(readDer(der));
    const fields = childrenOf(need(body, TAG.sequence));
    // [0] version: what has none is of version 1, and has no extensions.
    const [serial, , issuer, , subject] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
    const extensions = fields.find(({ tag }) => tag === 0xa3);
    const [subjectName, issuerName] = [need(subject), need(issuer)];
    return {
      x509,
      subject: readName(subjectName),
      issuer: readName(issuerName),
      subjectBytes: subjectName.whole,
      issuerBytes: issuerName.whole,
      serial: need(serial, TAG.integer).content.toString('hex').toUpperCase(),
      extensions: extensions ? extensionsOf(need(childrenOf(extensions)[0])) : new Map(),
    };
  } catch {
    return undefined;
  }
}

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,65536}?)-----END CERTIFICATE-----/g;

/** Every certificate of a bundle. */
export const readBundle = (pem: string): readonly (Certificate | undefined)[] =>
  [...pem.matchAll(PEM)].map(([, base64 = '']) => readCertificate(Buffer.from(base64, 'base64')));

export type CertificateFormat = 'escaped-pem' | 'pem' | 'base64' | 'rfc9440' | 'xfcc';

const BASE64 = /^[A-Za-z0-9+/]{16,}={0,2}$/;
const ONE_PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/** The one certificate of a header, as gateways write it. */
export function readHeader(value: string, format: CertificateFormat): Certificate | undefined {
  const base64 = bareOf(value, format)?.replaceAll(/\s/g, '');
  if (base64 === undefined || !BASE64.test(base64)) return undefined;
  const der = Buffer.from(base64, 'base64');
  // Node reads on over what is no Base64.
  return withoutPadding(der.toString('base64')) === withoutPadding(base64) ? readCertificate(der) : undefined;
}

const withoutPadding = (base64: string): string => base64.replace(/=+$/, '');

function bareOf(value: string, format: CertificateFormat): string | undefined {
  // A byte sequence of structured fields stands between colons (RFC 9440 §2.1).
  if (format === 'rfc9440') return /^:([^:]*):$/.exec(value)?.[1];
  if (format === 'pem') return ONE_PEM.exec(value)?.[1];
  const text = unescaped(format === 'xfcc' ? (certOf(value) ?? '') : value);
  return format === 'base64' ? text : ONE_PEM.exec(text)?.[1];
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}

const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(;|$)/y;

/** Envoy's own: `Hash=…;Cert="…";Subject="…"`. Of several, joined by commas, none is sure to be the last proxy's. */
function certOf(value: string): string | undefined {
  const found: string[] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < value.length) {
    const [, name, quoted] = PAIR.exec(value) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() === 'cert') found.push(quoted ?? '');
  }
  return found.length === 1 ? found[0] : undefined;
}

const EXTENSION = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  constraints: '2.5.29.19',
  policies: '2.5.29.32',
};

/** Identifiers of the policies it was issued by. @throws RangeError */
export function policiesOf({ extensions }: Certificate): readonly string[] {
  const found = extensions.get(EXTENSION.policies);
  return found ? childrenOf(readDer(found.value)).map((policy) => oidOf(childrenOf(policy)[0])) : [];
}

export const KEY_USE = { digitalSignature: 0, crlSign: 6 } as const;

/** Whether its key may be used so; one that says nothing may be used for anything. @throws RangeError */
export function mayUseKey({ extensions }: Certificate, use: number): boolean {
  const found = extensions.get(EXTENSION.keyUsage);
  if (!found) return true;
  const { content } = need(readDer(found.value), TAG.bits);
  return ((content[1 + (use >> 3)] ?? 0) & (0x80 >> (use & 7))) !== 0;
}

/** How many authorities may stand between it and a person's. @throws RangeError */
export function depthOf({ extensions }: Certificate): number {
  const found = extensions.get(EXTENSION.constraints);
  const length = found && childrenOf(readDer(found.value)).find(({ tag }) => tag === TAG.integer);
  return length ? length.content.readUIntBE(0, Math.min(length.content.length, 6)) : Number.POSITIVE_INFINITY;
}

/** Addresses among its alternative names. @throws RangeError */
export function mailAddressesOf({ extensions }: Certificate): readonly string[] {
  const found = extensions.get(EXTENSION.subjectAltName);
  if (!found) return [];
  return childrenOf(readDer(found.value))
    .filter(({ tag }) => tag === 0x81)
    .map(({ content }) => content.toString('latin1'));
}

const KNOWN = new Set([...Object.values(EXTENSION), '2.5.29.14', '2.5.29.30', '2.5.29.35', '2.5.29.36', '2.5.29.37']);

/** Whether its extensions are what they should be: of an authority, before anybody is judged by it. */
export function isReadable(certificate: Certificate): boolean {
  try {
    for (const read of [policiesOf, depthOf, (one: Certificate) => mayUseKey(one, 0)]) read(certificate);
    return true;
  } catch {
    return false;
  }
}

/** What must not be overlooked, and is not understood here or by the gateway (RFC 5280 §4.2). */
export const hasUnknownCritical = ({ extensions }: Certificate): boolean =>
  [...extensions].some(([oid, { critical }]) => critical && !KNOWN.has(oid));

export const isInDate = ({ x509 }: Certificate, now: Date): boolean =>
  x509.validFromDate <= now && now <= x509.validToDate;
