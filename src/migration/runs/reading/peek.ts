export interface Peeked {
  /** At least as many bytes as were asked for, or all that there are. */
  readonly head: Buffer;
  /** Everything, the head included. */
  readonly stream: AsyncIterable<Buffer>;
}

/** Looks at how a stream begins, however small its chunks are. */
export async function peek(stream: AsyncIterable<Uint8Array>, count: number): Promise<Peeked> {
  const iterator = stream[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (let size = 0; size < count && !failure; size += chunks.at(-1)?.length ?? 0) {
    try {
      const next = await iterator.next();
      if (next.done) break;
      chunks.push(asBuffer(next.value));
    } catch (error) {
      failure = { error };
    }
  }
  const head = Buffer.concat(chunks);
  return { head, stream: replay(head, iterator, failure) };
}

/** A stream that failed within its head fails after it. */
async function* replay(
  head: Buffer,
  iterator: AsyncIterator<Uint8Array>,
  failure: { readonly error: unknown } | undefined,
): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    if (failure) throw failure.error;
    for (;;) {
      const next = await iterator.next();
      if (next.done) return;
      yield asBuffer(next.value);
    }
  } finally {
    await iterator.return?.();
  }
}

const asBuffer = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
