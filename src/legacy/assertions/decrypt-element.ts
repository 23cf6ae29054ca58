import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { parseXmlBytes, type Xml } from './parse-xml.ts';
import { attributeOf, childrenOf, onlyChild, textOf } from './read-elements.ts';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc';
  readonly keyBytes: number;
  readonly ivBytes: number;
  /** Tells by itself that nobody changed it. */
  readonly authentic: boolean;
}

const CIPHERS: Readonly<Record<string, Cipher>> = {
  [`${XENC11}aes128-gcm`]: { name: 'aes-128-gcm', keyBytes: 16, ivBytes: 12, authentic: true },
  [`${XENC11}aes256-gcm`]: { name: 'aes-256-gcm', keyBytes: 32, ivBytes: 12, authentic: true },
  [`${XENC}aes128-cbc`]: { name: 'aes-128-cbc', keyBytes: 16, ivBytes: 16, authentic: false },
  [`${XENC}aes256-cbc`]: { name: 'aes-256-cbc', keyBytes: 32, ivBytes: 16, authentic: false },
};
const TAG_BYTES = 16;

interface Means {
  /** Ours, the newest first. */
  readonly keys: readonly KeyObject[];
  /**
   * Only where a signature around it was good, or configuration insists: whoever may change what CBC has encrypted, and ask
   * again, learns it byte by byte (Jager and Somorovsky, 2011).
   */
  readonly acceptCbc: boolean;
}

/**
 * Decrypts the `EncryptedData` in an element. Undefined for everything that does not work, whatever it was. Only OAEP: RSA
 * of PKCS #1 1.5 answers the questions of whoever wants the key.
 */
export function decryptElement(holder: Element, { keys, acceptCbc }: Means): Xml | undefined {
  const data = onlyChild(holder, XENC, 'EncryptedData');
  const cipher = CIPHERS[attributeOf(onlyChild(data, XENC, 'EncryptionMethod'), 'Algorithm') ?? ''];
  const sealed = cipherValue(data);
  if (!data || !cipher || !sealed || !(cipher.authentic || acceptCbc)) return undefined;
  for (const wrapped of wrappedKeys(holder, data))
    for (const key of keys) {
      const bytes = open(sealed, cipher, unwrap(wrapped, key));
      if (bytes) return parseXmlBytes(bytes);
    }
  return undefined;
}

/** Inside the data, or beside it: partners do either. */
function wrappedKeys(holder: Element, data: Element): readonly Element[] {
  const info = onlyChild(data, DS, 'KeyInfo');
  return [...(info ? childrenOf(info, XENC, 'EncryptedKey') : []), ...childrenOf(holder, XENC, 'EncryptedKey')].slice(
    0,
    4,
  );
}

function unwrap(wrapped: Element, key: KeyObject): Buffer | undefined {
  const method = onlyChild(wrapped, XENC, 'EncryptionMethod');
  const oaepHash = method && hashOf(method);
  const value = cipherValue(wrapped);
  if (!oaepHash || !value) return undefined;
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, value);
  } catch {
    return undefined;
  }
}

const HASHES: Readonly<Record<string, string>> = { [`${DS}sha1`]: 'sha1', [`${XENC}sha256`]: 'sha256' };
const MASKS: Readonly<Record<string, string>> = { [`${XENC11}mgf1sha1`]: 'sha1', [`${XENC11}mgf1sha256`]: 'sha256' };

/** One hash for both uses is what Node can do, and what partners send. SHA-1 has no known weakness in this place. */
function hashOf(method: Element): string | undefined {
  const digest = onlyChild(method, DS, 'DigestMethod');
  const hash = digest ? HASHES[attributeOf(digest, 'Algorithm') ?? ''] : 'sha1';
  const mask = onlyChild(method, XENC11, 'MGF');
  const maskHash = mask ? MASKS[attributeOf(mask, 'Algorithm') ?? ''] : 'sha1';
  const isOaep = [`${XENC}rsa-oaep-mgf1p`, `${XENC11}rsa-oaep`].includes(attributeOf(method, 'Algorithm') ?? '');
  return isOaep && hash === maskHash ? hash : undefined;
}

function cipherValue(element: Element | undefined): Buffer | undefined {
  const value = textOf(onlyChild(onlyChild(element, XENC, 'CipherData'), XENC, 'CipherValue'));
  return value === undefined ? undefined : Buffer.from(value, 'base64');
}

function open(sealed: Buffer, cipher: Cipher, key: Buffer | undefined): Buffer | undefined {
  const { ivBytes } = cipher;
  if (key?.length !== cipher.keyBytes || sealed.length < ivBytes + TAG_BYTES) return undefined;
  try {
    return cipher.authentic ? openAuthentic(sealed, cipher, key) : openPadded(sealed, cipher, key);
  } catch {
    return undefined;
  }
}

function openAuthentic(sealed: Buffer, { name, ivBytes }: Cipher, key: Buffer): Buffer {
  if (name !== 'aes-128-gcm' && name !== 'aes-256-gcm') throw new TypeError(name);
  const decipher = createDecipheriv(name, key, sealed.subarray(0, ivBytes), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -TAG_BYTES)), decipher.final()]);
}

function openPadded(sealed: Buffer, { name, ivBytes }: Cipher, key: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, sealed.subarray(0, ivBytes));
  // Its padding is XML's own: the last byte counts, the others are anything.
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(sealed.subarray(ivBytes)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padding >= 1 && padding <= ivBytes ? padded.subarray(0, -padding) : Buffer.alloc(0);
}
