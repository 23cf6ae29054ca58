import { isUtf8 } from 'node:buffer';
import { BrokenFileError } from './plain-bytes.ts';

/** Longer than any honest row: what is longer is reported and never held in memory. */
export const MAX_LINE_BYTES = 64 * 1024;

/** `text` is undefined when the line cannot be read; then `fault` says why. Line ends are not part of it. */
export interface Line {
  readonly number: number;
  readonly text: string | undefined;
  /** The last two: the file ends here, though it should not. */
  readonly fault?: 'bad-encoding' | 'line-too-long' | BrokenFileError['fault'];
  /** Of a line that is not valid in its encoding. */
  readonly bytes?: Buffer;
  /** How a line begins that is too long. */
  readonly start?: string;
}

const NEWLINE = 10;
const RETURN = 13;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cuts a stream of bytes into numbered lines, block by block. Holds one chunk and one unfinished line, never more. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  const cutter = createCutter();
  try {
    for await (const chunk of stream) {
      const lines = cutter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (!(error instanceof BrokenFileError)) throw error;
    yield [cutter.broken(error.fault)];
    return;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

interface Cutter {
  push(chunk: Buffer): Line[];
  end(): Line[];
  /** What of the last line had come is given up with it. */
  broken(fault: BrokenFileError['fault']): Line;
}

function createCutter(): Cutter {
  let rest: Buffer = Buffer.alloc(0);
  let skipping: string | undefined;
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
        if (skipping === undefined) rest = Buffer.concat([rest, chunk]);
        if (rest.length > MAX_LINE_BYTES) {
          skipping = startOf(rest);
          rest = Buffer.alloc(0);
        }
        return [];
      }
      const lines: Line[] = [];
      let start = 0;
      if (skipping !== undefined) {
        lines.push(tooLong(next, skipping));
        next += 1;
        start = chunk.indexOf(NEWLINE) + 1;
        skipping = undefined;
      }
      const complete = chunk.subarray(start, lastNewline + 1);
      if (complete.length > 0) lines.push(...cutBlock(rest.length > 0 ? Buffer.concat([rest, complete]) : complete));
      rest = Buffer.from(chunk.subarray(lastNewline + 1));
      if (rest.length > MAX_LINE_BYTES) {
        skipping = startOf(rest);
        rest = Buffer.alloc(0);
      }
      return lines;
    },
    end() {
      if (skipping !== undefined) return [tooLong(next, skipping)];
      return rest.length > 0 ? cutBlock(Buffer.concat([rest, Buffer.of(NEWLINE)])) : [];
    },
    broken: (fault) => ({ number: next, text: undefined, fault }),
  };
}

const START = 256;
const startOf = (line: Buffer): string => line.toString('latin1', 0, START);
const tooLong = (number: number, start: string): Line => ({ number, text: undefined, fault: 'line-too-long', start });

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
    lines.push(isUtf8(line) ? readable(line.toString('utf8'), number) : unreadable(line, number));
    start = end + 1;
  }
  return lines;
}

function unreadable(line: Buffer, number: number): Line {
  if (line.length > MAX_LINE_BYTES) return tooLong(number, startOf(line));
  const bytes = Buffer.from(line.at(-1) === RETURN ? line.subarray(0, -1) : line);
  return { number, text: undefined, fault: 'bad-encoding', bytes };
}

function readable(text: string, number: number): Line {
  if (text.length > MAX_LINE_BYTES) return tooLong(number, text.slice(0, START));
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}
