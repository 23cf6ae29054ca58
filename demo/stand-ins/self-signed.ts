import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** PEM. Made anew at every start, so that no key lies about. */
export interface SelfSigned {
  readonly key: string;
  readonly certificate: string;
}

const DAY = 86_400_000;

/** A certificate for this machine's loopback address, which vouches for itself. @see RFC 5280 §4.1 */
export function selfSigned(name: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = sequence(set(sequence(COMMON_NAME, value(0x0c, Buffer.from(name)))));
  const loopback = sequence(value(0x87, Buffer.from([127, 0, 0, 1])), value(0x82, Buffer.from('localhost')));
  const toBeSigned = sequence(
    value(0xa0, value(0x02, Buffer.from([2]))),
    value(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(ECDSA_WITH_SHA256),
    subject,
    sequence(time(Date.now() - DAY), time(Date.now() + 365 * DAY)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    value(0xa3, sequence(sequence(ALTERNATIVE_NAME, value(0x04, loopback)))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const whole = sequence(
    toBeSigned,
    sequence(ECDSA_WITH_SHA256),
    value(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), certificate: asPem(whole) };
}

export const asPem = (certificate: Buffer): string => {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

/** One value of DER. */
export function value(tag: number, body: Buffer): Buffer {
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => value(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => value(0x31, Buffer.concat(parts));
export const time = (ms: number): Buffer =>
  value(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
export const oid = (hex: string): Buffer => value(0x06, Buffer.from(hex, 'hex'));

export const COMMON_NAME = oid('550403');
const ALTERNATIVE_NAME = oid('551d11');
export const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302');
