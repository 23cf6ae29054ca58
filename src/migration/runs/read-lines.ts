import { isUtf8 } from 'node:buffer';

/** Longer than any honest row: what is longer is reported and never held in memory. */
export const MAX_LINE_BYTES = 64 * 1024;

/** `text` is undefined when the line cannot be read; then `fault` says why. Line ends are not part of it. */
export interface Line {
  readonly number: number;
  readonly text: string | undefined;
  readonly fault?: 'bad-utf8' | 'line-too-long';
}

const NEWLINE = 10;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cuts a stream of bytes into numbered lines, block by block. Holds one chunk and one unfinished line, never more. */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void = () => {},
): AsyncGenerator<Line[]> {
  const cutter = createCutter();
  for await (const chunk of stream) {
    onBytes(chunk.byteLength);
    const lines = cutter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (lines.length > 0) yield lines;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

interface Cutter {
  push(chunk: Buffer): Line[];
  end(): Line[];
}

function createCutter(): Cutter {
  let rest: Buffer = Buffer.alloc(0);
  let skipping = false;
  let next = 1;

  const cutBlock = (block: Buffer): Line[] => {
    const lines = blockLines(block, next);
    next += lines.length;
    return lines;
  };

  return {
    push(chunk) {
      const lastNewline = chunk.lastIndexOf(NEWLINE);
      if (lastNewline === -1) {
        if (!skipping) rest = Buffer.concat([rest, chunk]);
        if (rest.length > MAX_LINE_BYTES) {
          skipping = true;
          rest = Buffer.alloc(0);
        }
        return [];
      }
      const lines: Line[] = [];
      let start = 0;
      if (skipping) {
        lines.push({ number: next, text: undefined, fault: 'line-too-long' });
        next += 1;
        start = chunk.indexOf(NEWLINE) + 1;
        skipping = false;
      }
      const complete = chunk.subarray(start, lastNewline + 1);
      if (complete.length > 0) lines.push(...cutBlock(rest.length > 0 ? Buffer.concat([rest, complete]) : complete));
      rest = Buffer.from(chunk.subarray(lastNewline + 1));
      if (rest.length > MAX_LINE_BYTES) {
        skipping = true;
        rest = Buffer.alloc(0);
      }
      return lines;
    },
    end() {
      if (skipping) return [{ number: next, text: undefined, fault: 'line-too-long' }];
      return rest.length > 0 ? cutBlock(Buffer.concat([rest, Buffer.of(NEWLINE)])) : [];
    },
  };
}

/** `block` ends with a newline. The usual block is good UTF-8 throughout and is decoded in one go. */
function blockLines(block: Buffer, firstNumber: number): Line[] {
  const bytes = firstNumber === 1 && block.subarray(0, 3).equals(MARK) ? block.subarray(3) : block;
  if (!isUtf8(bytes)) return linesOneByOne(bytes, firstNumber);
  const texts = bytes.toString('utf8').split('\n');
  texts.pop();
  return texts.map((text, index) => readable(text, firstNumber + index));
}

function linesOneByOne(bytes: Buffer, firstNumber: number): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, end);
    const number = firstNumber + lines.length;
    lines.push(isUtf8(line) ? readable(line.toString('utf8'), number) : { number, text: undefined, fault: 'bad-utf8' });
    start = end + 1;
  }
  return lines;
}

function readable(text: string, number: number): Line {
  if (text.length > MAX_LINE_BYTES) return { number, text: undefined, fault: 'line-too-long' };
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}
