import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Packet, readPacket, TYPE, valuesOf, writePacket } from './packet.ts';

const EMPTY = Buffer.alloc(16);

/** A request with its Message-Authenticator, which stands first: Blast-RADIUS (CVE-2024-3596) needs what comes before it. */
export function signRequest(request: Packet, secret: Buffer): Buffer {
  const withSignature = (value: Buffer): Buffer =>
    writePacket({ ...request, attributes: [{ type: TYPE.messageAuthenticator, value }, ...request.attributes] });
  return withSignature(createHmac('md5', secret).update(withSignature(EMPTY)).digest());
}

export type Verdict = 'ours' | 'unsigned' | 'not-ours';

/**
 * Whether bytes are an answer to our request, by one who knows the secret. `unsigned`: it knows MD5 only, which can be
 * forged. @see RFC 2865 §3, RFC 3579 §3.2
 */
export function verifyAnswer(received: Buffer, request: Packet, secret: Buffer): Verdict {
  const read = readPacket(received);
  if (read?.packet.identifier !== request.identifier) return 'not-ours';
  const { packet, bytes } = read;
  const asAsked = Buffer.concat([bytes.subarray(0, 4), request.authenticator, bytes.subarray(20)]);
  const expected = createHash('md5').update(asAsked).update(secret).digest();
  if (!timingSafeEqual(expected, packet.authenticator)) return 'not-ours';
  const [signature, ...more] = valuesOf(packet, TYPE.messageAuthenticator);
  if (signature === undefined) return 'unsigned';
  if (more.length > 0 || signature.length !== 16) return 'not-ours';
  const at = signature.byteOffset - bytes.byteOffset;
  const blank = Buffer.concat([asAsked.subarray(0, at), EMPTY, asAsked.subarray(at + 16)]);
  return timingSafeEqual(createHmac('md5', secret).update(blank).digest(), signature) ? 'ours' : 'not-ours';
}
