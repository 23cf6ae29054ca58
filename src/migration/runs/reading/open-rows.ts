import type { Problem } from '../../sources/definition.ts';
import type { Encoding } from '../../sources/encodings.ts';
import { encodingOfMark } from './encodings.ts';
import { peek } from './peek.ts';
import { plainBytes } from './plain-bytes.ts';
import { readLines } from './read-lines.ts';
import { createRowReader } from './read-rows.ts';
import type { FileLayout, ReadRow } from './row-reader.ts';
import { toUtf8 } from './to-utf8.ts';

/** How a file writes its rows, known once the first of them has been read. */
export interface Writing {
  readonly encoding: Encoding;
  readonly hasMark: boolean;
  readonly lineEnd: '\n' | '\r\n';
  readonly head: string;
  readonly isLdif: boolean;
}

export interface OpenRows {
  /** Block by block, in the order of the file. Ends early when there is a refusal. */
  readonly blocks: AsyncIterable<readonly ReadRow[]>;
  readonly refusal: () => readonly Problem[] | undefined;
  readonly writing: () => Writing;
}

/** Enough for a mark and, in most files, the first line end. */
const HEAD_BYTES = 4096;
/** What a gzip file may unpack to unless its source says otherwise: 64 GiB. */
const MAX_BYTES = 2 ** 36;

/**
 * Bytes → unpacked → UTF-8 → lines → rows. Holds one chunk of each at a time, whatever the file is. `onBytes` counts what
 * comes in, packed or not.
 */
export function openRows(
  stream: AsyncIterable<Uint8Array>,
  file: FileLayout,
  onBytes?: (count: number) => void,
): OpenRows {
  const reader = createRowReader(file);
  let refused: readonly Problem[] | undefined;
  let writing: Omit<Writing, 'head'> = {
    encoding: file.encoding ?? 'utf-8',
    hasMark: false,
    lineEnd: '\n',
    isLdif: file.format === 'ldif',
  };

  async function* blocks(): AsyncGenerator<readonly ReadRow[]> {
    const { head, stream: bytes } = await peek(
      plainBytes(counted(stream, onBytes), file.maxBytes ?? MAX_BYTES),
      HEAD_BYTES,
    );
    const mark = encodingOfMark(head);
    if (mark && file.encoding && mark !== file.encoding) {
      refused = [encodingMismatch(mark, file.encoding)];
      return;
    }
    const encoding = file.encoding ?? mark ?? 'utf-8';
    writing = { ...writing, encoding, hasMark: mark !== undefined, lineEnd: lineEndOf(head) };
    for await (const lines of readLines(toUtf8(bytes, encoding))) {
      yield lines.flatMap((line) => reader.read(line));
      if (reader.refusal()) return;
    }
    yield reader.end();
  }

  return {
    blocks: blocks(),
    refusal: () => refused ?? reader.refusal(),
    writing: () => ({ ...writing, head: reader.head() }),
  };
}

async function* counted(stream: AsyncIterable<Uint8Array>, onBytes: (count: number) => void = () => {}) {
  for await (const chunk of stream) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}

function lineEndOf(head: Buffer): Writing['lineEnd'] {
  // In UTF-16 a NUL stands between them, on one side or the other.
  const bytes = head.filter((byte) => byte !== 0);
  const end = bytes.indexOf(0x0a);
  return end > 0 && bytes[end - 1] === 0x0d ? '\r\n' : '\n';
}

const encodingMismatch = (mark: Encoding, declared: Encoding): Problem => ({
  field: 'file.encoding',
  code: 'encoding_mismatch',
  message: `The file begins with the mark of ${mark}, and the definition says ${declared}.`,
});
