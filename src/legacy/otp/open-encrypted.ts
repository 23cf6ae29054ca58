import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { attributeOf, onlyChild, textOf } from '../assertions/read-elements.ts';

const PSKC = 'urn:ietf:params:xml:ns:keyprov:pskc';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const CIPHERS = new Map([
  [`${XENC}aes128-cbc`, { cipher: 'aes-128-cbc', bytes: 16 }],
  [`${XENC}aes192-cbc`, { cipher: 'aes-192-cbc', bytes: 24 }],
  [`${XENC}aes256-cbc`, { cipher: 'aes-256-cbc', bytes: 32 }],
]);
const MACS = new Map([
  ['http://www.w3.org/2000/09/xmldsig#hmac-sha1', 'sha1'],
  ['http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', 'sha256'],
]);

export interface SeedKeys {
  readonly encryption: Buffer;
  readonly mac: { readonly hash: string; readonly key: Buffer };
}

/** The keys of a container; undefined when it is not encrypted with the key that was given. @see RFC 6030 §6.1 */
export function keysOf(container: Element, given: Buffer): SeedKeys | undefined {
  const method = onlyChild(container, PSKC, 'MACMethod');
  const hash = MACS.get(attributeOf(method, 'Algorithm') ?? '');
  const wrapped = onlyChild(method, PSKC, 'MACKey');
  const key = wrapped ? decrypt(wrapped, given) : given;
  return hash === undefined || key === undefined ? undefined : { encryption: given, mac: { hash, key } };
}

/** An encrypted value whose check sum is right: without it, bits of a seed could be turned on the way. */
export function openEncrypted(data: Element, { encryption, mac }: SeedKeys): Buffer | undefined {
  const value = onlyChild(data, PSKC, 'EncryptedValue');
  const said = Buffer.from(textOf(onlyChild(data, PSKC, 'ValueMAC')) ?? '', 'base64');
  const cipherText = cipherTextOf(value);
  if (!value || !cipherText) return undefined;
  const made = createHmac(mac.hash, mac.key).update(cipherText).digest();
  return said.length === made.length && timingSafeEqual(said, made) ? decrypt(value, encryption) : undefined;
}

function cipherTextOf(value: Element | undefined): Buffer | undefined {
  const text = textOf(onlyChild(onlyChild(value, XENC, 'CipherData'), XENC, 'CipherValue'));
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}

function decrypt(value: Element, key: Buffer): Buffer | undefined {
  const algorithm = CIPHERS.get(attributeOf(onlyChild(value, XENC, 'EncryptionMethod'), 'Algorithm') ?? '');
  const text = cipherTextOf(value);
  if (!algorithm || !text || key.length !== algorithm.bytes || text.length < 32) return undefined;
  try {
    const decipher = createDecipheriv(algorithm.cipher, key, text.subarray(0, 16));
    return Buffer.concat([decipher.update(text.subarray(16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
