import type { Encoding } from '../../sources/encodings.ts';
import { type SingleByte, decodeSingleByte, toWtf8 } from './encodings.ts';

/**
 * Bytes of any encoding as UTF-8. What is not valid becomes bytes that are not valid UTF-8 either, so that one bad line is
 * found as a bad line, and can be written back as it was.
 */
export function toUtf8(stream: AsyncIterable<Buffer>, encoding: Encoding): AsyncIterable<Buffer> {
  if (encoding === 'utf-8') return stream;
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return fromUtf16(stream, encoding === 'utf-16be');
  return fromSingleByte(stream, encoding);
}

async function* fromSingleByte(stream: AsyncIterable<Buffer>, encoding: SingleByte): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield toWtf8(decodeSingleByte(chunk, encoding));
}

const NOT_UTF8 = Buffer.of(0xff);

async function* fromUtf16(stream: AsyncIterable<Buffer>, isBigEndian: boolean): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = wholeCharacters(bytes, isBigEndian);
    rest = Buffer.from(bytes.subarray(end));
    const whole = bytes.subarray(0, end);
    yield toWtf8((isBigEndian ? whole.swap16() : whole).toString('utf16le'));
  }
  // A file that was cut: half a character, or half a pair.
  if (rest.length > 0) yield NOT_UTF8;
}

/** Up to where the bytes can be decoded without what follows them. */
function wholeCharacters(bytes: Buffer, isBigEndian: boolean): number {
  const even = bytes.length & ~1;
  if (even === 0) return 0;
  const last = isBigEndian ? bytes.readUInt16BE(even - 2) : bytes.readUInt16LE(even - 2);
  return last >= 0xd800 && last <= 0xdbff ? even - 2 : even;
}
