import { randomBytes } from 'node:crypto';

/** Random bytes, a few at a time: asking the system each time costs more than what they are used for. */
export function createRandomBytes(bytes: number): () => Buffer {
  let left = Buffer.alloc(0);
  return () => {
    if (left.length === 0) left = randomBytes(bytes * 512);
    const next = left.subarray(0, bytes);
    left = left.subarray(bytes);
    return next;
  };
}
