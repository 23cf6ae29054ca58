import { createHash } from 'node:crypto';

export interface HashedFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the whole file, also where whoever reads it gave up half-way: at a damage, or at what unpacks to too much. */
  digest(): Promise<Buffer>;
  close(): Promise<void>;
}

export function hashedFile(stream: AsyncIterable<Uint8Array>): HashedFile {
  const hash = createHash('sha256');
  const chunks = stream[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const one = await chunks.next();
    if (!one.done) hash.update(one.value);
    return one;
  };
  return {
    // Without `return`: the rest is still to be hashed.
    bytes: { [Symbol.asyncIterator]: () => ({ next }) },
    async digest() {
      for (;;) if ((await next()).done) return hash.digest();
    },
    async close() {
      await chunks.return?.();
    },
  };
}
