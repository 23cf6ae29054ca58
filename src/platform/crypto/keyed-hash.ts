import { createHmac, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const SHORT_BYTES = 4096;

/**
 * HMAC-SHA-256 (RFC 2104) by two one-shot hashes over buffers that are kept: a third of the time of an Hmac object. An import
 * makes four for each of its rows.
 */
export function createKeyedHash(key: Buffer): (text: string) => Buffer {
  const inner = Buffer.alloc(BLOCK_BYTES + SHORT_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    inner[at] = (key[at] ?? 0) ^ 0x36;
    outer[at] = (key[at] ?? 0) ^ 0x5c;
  }
  return (text) => {
    // A character is 3 bytes at most.
    if (text.length * 3 > SHORT_BYTES) return createHmac('sha256', key).update(text).digest();
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8');
    outer.write(hash('sha256', inner.subarray(0, end), 'latin1'), BLOCK_BYTES, 'latin1');
    return Buffer.from(hash('sha256', outer, 'latin1'), 'latin1');
  };
}
