import { describe, expect, it } from 'vitest';
import { readPskc } from './read-pskc.ts';

const container = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<pskc:KeyContainer Version="1.0" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${inside}</pskc:KeyContainer>`;

const keyPackage = (data: string, { algorithm = 'hotp', length = '8', serial = '987654321' } = {}) => `
  <pskc:KeyPackage>
    <pskc:DeviceInfo><pskc:Manufacturer>Manufacturer</pskc:Manufacturer><pskc:SerialNo>${serial}</pskc:SerialNo></pskc:DeviceInfo>
    <pskc:Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:${algorithm}">
      <pskc:Issuer>Issuer</pskc:Issuer>
      <pskc:AlgorithmParameters><pskc:ResponseFormat Length="${length}" Encoding="DECIMAL"/></pskc:AlgorithmParameters>
      <pskc:Data>${data}</pskc:Data>
    </pskc:Key>
  </pskc:KeyPackage>`;

const PLAIN = '<pskc:Secret><pskc:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</pskc:PlainValue></pskc:Secret>';
const SEED = Buffer.from('12345678901234567890').toString('hex');
const counter = (value: string) => `<pskc:Counter><pskc:PlainValue>${value}</pskc:PlainValue></pskc:Counter>`;
const token = {
  method: 'M38',
  serial: '987654321',
  user: undefined,
  seed: SEED,
  digits: 8,
  algorithm: 'SHA1',
  counter: 0,
};

/** The container of RFC 6030 §6.1, figure 6. */
const AES = '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>';
const cipher = (value: string) => `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData>`;
const ENCRYPTED = 'AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv';
const encrypted = (mac = 'Su+NvtQfmvfJzF6bmQiJqoLRExc=', value = ENCRYPTED) =>
  container(`
  <pskc:EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></pskc:EncryptionKey>
  <pskc:MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1">
    <pskc:MACKey>${AES}${cipher('ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX')}</pskc:MACKey>
  </pskc:MACMethod>
  ${keyPackage(`<pskc:Secret><pskc:EncryptedValue>${AES}${cipher(value)}</pskc:EncryptedValue><pskc:ValueMAC>${mac}</pskc:ValueMAC></pskc:Secret>${counter('0')}`)}`);
const KEY = Buffer.from('12345678901234567890123456789012', 'hex');

describe('seed files of makers of tokens (RFC 6030)', () => {
  it('M38: reads plain seeds with their counters, and M37 with its interval', () => {
    const interval = '<pskc:TimeInterval><pskc:PlainValue>60</pskc:PlainValue></pskc:TimeInterval>';
    const text = container(
      keyPackage(PLAIN + counter('42')) + keyPackage(PLAIN + interval, { algorithm: 'totp', length: '6', serial: '2' }),
    );
    expect(readPskc(text)).toEqual({
      outcome: 'read',
      tokens: [
        { ...token, counter: 42 },
        { ...token, method: 'M37', serial: '2', digits: 6, period: 60 },
      ],
      problems: [],
    });
  });

  it('M38: opens the encrypted example of the RFC with its pre-shared key', () => {
    expect(readPskc(encrypted(), KEY)).toEqual({ outcome: 'read', tokens: [token], problems: [] });
  });

  it('M38: a seed that was altered, or whose key is not there, is not read', () => {
    const altered = ENCRYPTED.replace('+cIH', '+cIG');
    for (const [text, key] of [
      [encrypted(), undefined],
      [encrypted(), Buffer.alloc(16)],
      [encrypted(), Buffer.alloc(32)],
      [encrypted('AAAA'), KEY],
      [encrypted(undefined, altered), KEY],
      [encrypted(undefined, 'AAAA'), KEY],
    ] as const)
      expect(readPskc(text, key)).toEqual({
        outcome: 'read',
        tokens: [],
        problems: [{ place: 1, code: 'cannot-decrypt' }],
      });
  });

  it('M38: one bad token is named by its place and keeps no other out', () => {
    const text = container(
      keyPackage(PLAIN) +
        keyPackage(PLAIN, { algorithm: 'ocra' }) +
        keyPackage(counter('1')) +
        keyPackage(PLAIN, { length: '40' }) +
        keyPackage(PLAIN + counter('-1')),
    );
    expect(readPskc(text)).toEqual({
      outcome: 'read',
      tokens: [token],
      problems: [
        { place: 2, code: 'unknown-algorithm' },
        { place: 3, code: 'no-seed' },
        { place: 4, code: 'bad-number' },
        { place: 5, code: 'bad-number' },
      ],
    });
  });

  it('R20: what is no seed file, or would expand, is not read', () => {
    const entity = '<!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]>';
    for (const text of [
      '',
      'seed,counter',
      '<a/>',
      entity + container(keyPackage(PLAIN)),
      container(keyPackage(PLAIN)).slice(0, -9),
    ])
      expect(readPskc(text)).toEqual({ outcome: 'not-pskc' });
  });
});
