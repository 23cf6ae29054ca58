import {
  constants,
  createCipheriv,
  createPrivateKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decryptElement } from './decrypt-element.ts';
import { parseXml } from './parse-xml.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const keys = [createPrivateKey(privateKey)];
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

const gcm = (key: Buffer, text: string): Buffer => {
  const iv = randomBytes(12);
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, iv);
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
};
const cbc = (key: Buffer, text: string): Buffer => {
  const iv = randomBytes(16);
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-cbc' : 'aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(text), cipher.final()]);
};
const oaep = (key: Buffer, oaepHash = 'sha1'): Buffer =>
  publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, key);
const pkcs1 = (key: Buffer): Buffer => publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key);

interface Sealed {
  readonly bytes?: number;
  readonly seal?: (key: Buffer, text: string) => Buffer;
  readonly content?: string;
  readonly wrap?: (key: Buffer) => Buffer;
  readonly method?: string;
  readonly isBeside?: boolean;
}

const value = (bytes: Buffer): string =>
  `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;

const sealed = (options: Sealed, spoil = (bytes: Buffer): Buffer => bytes): Element => {
  const { bytes = 32, seal = gcm, content = `${XENC11}aes256-gcm`, wrap = oaep, isBeside = false } = options;
  const { method = `<xenc:EncryptionMethod Algorithm="${XENC}rsa-oaep-mgf1p"/>` } = options;
  const key = randomBytes(bytes);
  const wrapped = `<xenc:EncryptedKey>${method}${value(wrap(key))}</xenc:EncryptedKey>`;
  const info = isBeside ? '' : `<ds:KeyInfo>${wrapped}</ds:KeyInfo>`;
  const data = `<xenc:EncryptedData><xenc:EncryptionMethod Algorithm="${content}"/>${info}${value(spoil(seal(key, '<a>text</a>')))}</xenc:EncryptedData>`;
  const xml = parseXml(
    `<holder xmlns:xenc="${XENC}" xmlns:xenc11="${XENC11}" xmlns:ds="${DS}">${data}${isBeside ? wrapped : ''}</holder>`,
  );
  if (!xml) throw new Error('not parsed');
  return xml.root;
};
const open = (element: Element, acceptCbc = false) => decryptElement(element, { keys, acceptCbc })?.text;

const CBC = { seal: cbc, content: `${XENC}aes256-cbc` };

describe('what is encrypted to us', () => {
  it.each<[string, Sealed]>([
    ['AES-256-GCM', {}],
    ['AES-128-GCM', { bytes: 16, content: `${XENC11}aes128-gcm` }],
    ['a key beside the data', { isBeside: true }],
    [
      'OAEP with SHA-256',
      {
        wrap: (key) => oaep(key, 'sha256'),
        method: `<xenc:EncryptionMethod Algorithm="${XENC11}rsa-oaep"><ds:DigestMethod Algorithm="${XENC}sha256"/><xenc11:MGF Algorithm="${XENC11}mgf1sha256"/></xenc:EncryptionMethod>`,
      },
    ],
  ])('is opened: %s', (_what, options) => {
    expect(open(sealed(options))).toBe('<a>text</a>');
  });

  it('E5: CBC is opened only where somebody vouches for it', () => {
    expect(open(sealed(CBC))).toBeUndefined();
    expect(open(sealed(CBC), true)).toBe('<a>text</a>');
    expect(open(sealed({ ...CBC, bytes: 16, content: `${XENC}aes128-cbc` }), true)).toBe('<a>text</a>');
  });

  it.each<[string, Sealed, ((bytes: Buffer) => Buffer)?]>([
    ['a key wrapped by PKCS #1 1.5', { wrap: pkcs1, method: `<xenc:EncryptionMethod Algorithm="${XENC}rsa-1_5"/>` }],
    ['a key of another length', { bytes: 16, seal: (key) => gcm(Buffer.concat([key, key]), 'x') }],
    ['an algorithm that we do not know', { content: `${XENC}tripledes-cbc` }],
    ['a method that we do not know', { method: '<xenc:EncryptionMethod Algorithm="none"/>' }],
    [
      'bytes that were changed',
      {},
      (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
    ],
    ['bytes that were cut', {}, (bytes) => bytes.subarray(0, 20)],
    ['no XML', { seal: (key) => gcm(key, 'text') }],
    ['a document type', { seal: (key) => gcm(key, '<!DOCTYPE a><a/>') }],
  ])('E5: is not opened: %s', (_what, options, spoil) => {
    expect(open(sealed(options, spoil), true)).toBeUndefined();
  });
});
