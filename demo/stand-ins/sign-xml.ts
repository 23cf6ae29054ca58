import { SignedXml } from 'xml-crypto';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

export interface XmlSigning {
  /** PEM. */
  readonly key: string;
  /** XPath of what is signed, and of what the signature goes behind. */
  readonly element: string;
  readonly after: string;
  readonly idName?: 'ID' | 'AssertionID';
  readonly algorithm?: string;
  readonly digest?: string;
}

/** An enveloped signature, as SAML wants it. */
export function signXml(xml: string, { key, element, after, idName = 'ID', algorithm, digest }: XmlSigning): string {
  const signer = new SignedXml({
    privateKey: key,
    idAttribute: idName,
    canonicalizationAlgorithm: EXCLUSIVE,
    signatureAlgorithm: algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  });
  signer.addReference({
    xpath: element,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE],
    digestAlgorithm: digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: after, action: 'after' } });
  return signer.getSignedXml();
}
