import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { makeResponse } from '../../../test/support/saml-partner.ts';
import { WRAPPINGS, wrapSignature } from '../../../test/support/wrap-signature.ts';
import { parseXml, type Xml } from './parse-xml.ts';
import { descendantsOf } from './read-elements.ts';
import { verifySignature } from './verify-signature.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const keys = [createPublicKey(publicKey)];
const speech = {
  issuer: 'https://partner.test',
  requestId: '_request',
  acsUrl: 'https://latchkey.test/acs',
  audience: 'https://old-service.test',
  context: 'password',
  nameId: 'anna',
  now: new Date('2026-11-22T12:00:00Z'),
};
const genuine = (what: 'response' | 'assertion'): string => makeResponse(speech, { key: privateKey, sign: [what] });

const refused = { outcome: 'refused', reason: 'bad-signature' };
const RSA = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

const parsed = (text: string): Xml => {
  const xml = parseXml(text);
  if (!xml) throw new Error('not parsed');
  return xml;
};
const named = (xml: Xml, name: string): Element[] =>
  [...descendantsOf(xml.root)].filter(({ localName }) => localName === name);
const check = (xml: Xml, element = xml.root) => verifySignature(xml, element, { keys, idName: 'ID' });
/** As a reader would that goes by the name, and takes the first that speaks of the attacker. */
const consumed = (xml: Xml, signs: string): Element | undefined =>
  signs === 'response' ? xml.root : named(xml, 'Assertion').find((one) => one.textContent?.includes('attacker'));

describe('the signature of one element', () => {
  it.each(['response', 'assertion'] as const)('gives the bytes of a %s that were signed', (what) => {
    const xml = parsed(genuine(what));
    const answer = check(xml, what === 'response' ? xml.root : named(xml, 'Assertion')[0]);
    expect(answer).toMatchObject({ outcome: 'verified', signed: { text: expect.stringContaining('anna') } });
    expect(answer).not.toMatchObject({ signed: { text: expect.stringContaining('SignatureValue') } });
  });

  it.each(Object.entries(WRAPPINGS))('L18: is not that of an element which %s puts in its place', (name, { signs }) => {
    const xml = parsed(wrapSignature(genuine(signs), name));
    expect(check(xml, consumed(xml, signs))).toMatchObject({ outcome: 'refused' });
  });

  it('L18: is no good when another element answers to the id', () => {
    const xml = parsed(wrapSignature(genuine('assertion'), 'XSW7'));
    expect(check(xml, named(xml, 'Assertion')[1])).toEqual({ outcome: 'refused', reason: 'bad-signature' });
  });

  it.each([
    ['an object', '</ds:SignatureValue>', '</ds:SignatureValue><ds:Object><ds:SignedInfo/></ds:Object>'],
    ['two of them', /<ds:Signature .*<\/ds:Signature>/s, '$&$&'],
    ['something before it', '<ds:SignedInfo>', '<ds:Object/><ds:SignedInfo>'],
  ])('L18: is refused with %s', (_what, from, to) => {
    expect(check(parsed(genuine('response').replace(from, to)))).toEqual(refused);
  });

  const DS = 'http://www.w3.org/2000/09/xmldsig#';
  const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  it.each([
    ['the whole document, and no id', { isEmptyUri: true }],
    ['bytes with comments in them', { transforms: [`${DS}enveloped-signature`, `${EXCLUSIVE}WithComments`] }],
    ['bytes in another canonical form', { transforms: [`${DS}enveloped-signature`, INCLUSIVE] }],
    ['steps in another order', { transforms: [EXCLUSIVE, `${DS}enveloped-signature`] }],
  ])('L18: is refused about %s', (_what, changed) => {
    const signer = new SignedXml({ privateKey, canonicalizationAlgorithm: EXCLUSIVE, signatureAlgorithm: RSA });
    const reference = { xpath: '/*', transforms: [`${DS}enveloped-signature`, EXCLUSIVE], digestAlgorithm: SHA256 };
    signer.addReference({ ...reference, ...changed });
    signer.computeSignature(makeResponse(speech, { key: privateKey, sign: [] }), {
      location: { reference: '/*/*[1]', action: 'after' },
    });
    expect(check(parsed(signer.getSignedXml()))).toEqual(refused);
  });
});
