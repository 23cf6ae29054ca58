import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';

/** Below this a key can be forged. */
const FEWEST_BITS = 2048;

/**
 * Public key of a certificate, in PEM or bare Base64 as metadata has it. Undefined for what is no RSA key of a fair size.
 * The dates of the certificate do not count: metadata, or the operator, says whether the key does.
 */
export function readSigningKey(certificate: string): KeyObject | undefined {
  const bare = certificate.replaceAll(/\s/g, '');
  const pem = certificate.includes('-----BEGIN')
    ? certificate
    : `-----BEGIN CERTIFICATE-----\n${bare}\n-----END CERTIFICATE-----\n`;
  try {
    const key = pem.includes('PUBLIC KEY') ? createPublicKey(pem) : new X509Certificate(pem).publicKey;
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= FEWEST_BITS ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Of a definition: what cannot be read stops the source. @throws LatchkeyError `config_invalid` */
export function configuredKeys(source: string, certificates: readonly string[]): readonly KeyObject[] {
  return certificates.map((certificate) => {
    const key = readSigningKey(certificate);
    if (key) return key;
    throw new LatchkeyError(
      'config_invalid',
      `The source ${source} has a certificate that holds no RSA key of 2048 bits.`,
    );
  });
}
