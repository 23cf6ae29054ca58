import { createHash } from 'node:crypto';
import { type RadiusAttribute, TYPE } from './packet.ts';

/** What fits into User-Password. @see RFC 2865 §5.2 */
export const LONGEST_PASSWORD = 128;

/** Each block is hidden under MD5 of the secret and the block before. @see RFC 2865 §5.2 */
export function hidePassword(password: string, authenticator: Buffer, secret: Buffer): RadiusAttribute {
  const plain = Buffer.from(password);
  const padded = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16)]);
  const hidden: Buffer[] = [];
  let before: Buffer = authenticator;
  for (let at = 0; at < padded.length; at += 16) {
    const mask = createHash('md5').update(secret).update(before).digest();
    before = Buffer.from(mask.map((byte, index) => byte ^ (padded[at + index] ?? 0)));
    hidden.push(before);
  }
  return { type: TYPE.userPassword, value: Buffer.concat(hidden) };
}

/** The password itself stays here; the server must keep it in the clear. @see RFC 2865 §2.2 */
export function answerChap(password: string, id: number, challenge: Buffer): readonly RadiusAttribute[] {
  const digest = createHash('md5')
    .update(Buffer.from([id]))
    .update(password)
    .update(challenge)
    .digest();
  return [
    { type: TYPE.chapPassword, value: Buffer.concat([Buffer.from([id]), digest]) },
    { type: TYPE.chapChallenge, value: challenge },
  ];
}
