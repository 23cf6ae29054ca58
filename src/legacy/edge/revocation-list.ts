import { verify } from 'node:crypto';
import { type Certificate, KEY_USE, mayUseKey } from './certificate.ts';
import { childrenOf, type Der, extensionsOf, need, oidOf, readDer, TAG, timeOf } from './read-der.ts';

export interface RevocationList {
  /** DER of the issuer's name. */
  readonly issuer: Buffer;
  readonly from: Date;
  readonly until: Date;
  /** Hex, upper case. */
  readonly revoked: ReadonlySet<string>;
  readonly signed: { readonly bytes: Buffer; readonly algorithm: string; readonly signature: Buffer };
}

const PEM = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/;

/**
 * Undefined for what is no list, for one without an end, and for one that is about a part only: who is not named by such
 * a list may have been revoked all the same. @see RFC 5280 §5
 */
export function readRevocationList(bytes: Buffer): RevocationList | undefined {
  try {
    const pem = bytes.readUInt8(0) === TAG.sequence ? undefined : PEM.exec(bytes.toString('latin1'))?.[1];
    return read(readDer(pem === undefined ? bytes : Buffer.from(pem, 'base64')));
  } catch {
    return undefined;
  }
}

function read(list: Der): RevocationList | undefined {
  const [body, outer, signature] = childrenOf(list);
  const fields = childrenOf(need(body, TAG.sequence));
  const [inner, issuer, from, until, ...others] = fields[0]?.tag === TAG.integer ? fields.slice(1) : fields;
  const algorithm = need(outer, TAG.sequence);
  // Both say how it is signed, and only one of them is.
  if (!need(inner).whole.equals(algorithm.whole)) return undefined;
  const extensions = others.find(({ tag }) => tag === 0xa0);
  const found = extensions ? extensionsOf(need(childrenOf(extensions)[0])) : new Map();
  if ([...found.values()].some(({ critical }) => critical)) return undefined;
  const entries = others.find(({ tag }) => tag === TAG.sequence);
  const bits = need(signature, TAG.bits).content;
  return {
    issuer: need(issuer, TAG.sequence).whole,
    from: timeOf(need(from)),
    until: timeOf(need(until)),
    revoked: new Set(entries ? childrenOf(entries).map(serialOf) : []),
    signed: { bytes: need(body).whole, algorithm: oidOf(childrenOf(algorithm)[0]), signature: bits.subarray(1) },
  };
}

const serialOf = (entry: Der): string => need(childrenOf(entry)[0], TAG.integer).content.toString('hex').toUpperCase();

const ALGORITHMS: Readonly<Record<string, { readonly type: string; readonly hash: string | null }>> = {
  '1.2.840.113549.1.1.11': { type: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { type: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { type: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { type: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { type: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { type: 'ec', hash: 'sha512' },
  '1.3.101.112': { type: 'ed25519', hash: null },
};

/** Whether an authority whose name it bears has made it. @throws RangeError */
export function isListOf({ signed }: RevocationList, authority: Certificate): boolean {
  const algorithm = ALGORITHMS[signed.algorithm];
  const { publicKey } = authority.x509;
  if (!algorithm || algorithm.type !== publicKey.asymmetricKeyType) return false;
  if (!mayUseKey(authority, KEY_USE.crlSign)) return false;
  return verify(algorithm.hash, signed.bytes, publicKey, signed.signature);
}
