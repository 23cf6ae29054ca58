import { createCipheriv } from 'node:crypto';

/** One block or more of DES in ECB. OpenSSL 3 blocks single DES; three times the same key is the same thing. */
export function desEcb(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** DES-CBC with a zero IV. */
export function desCbc(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv('des-ede3-cbc', Buffer.concat([key, key, key]), Buffer.alloc(8)).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Seven bytes spread over eight, a parity bit at the end of each: LM's key. */
export function spreadKey(seven: Buffer): Buffer {
  const bits = Array.from(seven, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return Buffer.from(Array.from({ length: 8 }, (_, index) => parseInt(`${bits.slice(index * 7, index * 7 + 7)}0`, 2)));
}
