import { type Gunzip, createGunzip } from 'node:zlib';
import { peek } from './peek.ts';

/** The bytes end before the file does: what came so far is good, and nothing more can be read. */
export class BrokenFileError extends Error {
  readonly fault: 'damaged' | 'too-large';
  constructor(fault: BrokenFileError['fault'], options?: ErrorOptions) {
    super(fault, options);
    this.fault = fault;
  }
}

/** The bytes of a file, unpacked when it is gzip, which its first bytes say. @throws BrokenFileError after the last good one. */
export async function* plainBytes(stream: AsyncIterable<Uint8Array>, maxBytes = Infinity): AsyncGenerator<Buffer> {
  const { head, stream: all } = await peek(stream, 2);
  let total = 0;
  for await (const chunk of isGzip(head) ? unzipped(all) : all) {
    total += chunk.length;
    if (total > maxBytes) throw new BrokenFileError('too-large');
    yield chunk;
  }
}

export const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** A slice may become a thousand times as much: what is unpacked at a time stays within 4 MiB. */
const SLICE = 4096;
const CHUNK = 64 * 1024;

/** Fed slice by slice, so that all of what came before a damage is given out, and always the same. */
async function* unzipped(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const state = { failure: undefined as unknown };
  const feed = createFeed(gunzip);
  let ready: Buffer[] = [];
  gunzip.on('data', (chunk: Buffer) => ready.push(chunk));
  gunzip.on('error', (error) => (state.failure ??= error));
  const taken = (): Buffer[] => {
    const chunks = ready;
    ready = [];
    return chunks;
  };
  try {
    for await (const chunk of stream) {
      for (let at = 0; at < chunk.length && state.failure === undefined; at += SLICE) {
        await feed(chunk.subarray(at, at + SLICE));
        yield* taken();
      }
      if (state.failure !== undefined) break;
    }
    if (state.failure === undefined) await feed(undefined);
    yield* taken();
  } finally {
    gunzip.destroy();
  }
  if (state.failure !== undefined) throw new BrokenFileError('damaged', { cause: state.failure });
}

const nothing = (): void => {};

/** The promise is kept when the bytes have been unpacked, and also when they could not be: the error event says which. */
function createFeed(gunzip: Gunzip): (bytes: Buffer | undefined) => Promise<void> {
  let done = nothing;
  gunzip.on('end', () => done()).on('close', () => done());
  return (bytes) =>
    new Promise((resolve) => {
      // What was unpacked is given out in this turn: whoever waits goes on in the next.
      done = () => void setImmediate(resolve);
      if (bytes) gunzip.write(bytes, () => done());
      else gunzip.end();
    });
}
