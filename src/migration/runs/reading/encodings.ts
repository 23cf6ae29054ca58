import type { Encoding } from '../../sources/encodings.ts';

/** The encoding that a mark at the beginning of a file says. */
export function encodingOfMark(head: Buffer): Encoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

export type SingleByte = Extract<Encoding, 'windows-1252' | 'latin-1'>;

/** A byte that means nothing in its encoding stands as a lone surrogate, from which it can be had back. */
const ESCAPE = 0xdc00;
const escaped = (byte: number): string => String.fromCharCode(ESCAPE + byte);

// 0x80 to 0x9f; blanks are the bytes that Windows-1252 does not have.
const WINDOWS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
const HIGH: Readonly<Record<SingleByte, readonly string[]>> = {
  'windows-1252': Array.from(WINDOWS, (character, at) => (character === ' ' ? escaped(0x80 + at) : character)),
  // Control characters by the standard, and in exports always a sign of Windows-1252.
  'latin-1': Array.from({ length: 32 }, (_none, at) => escaped(0x80 + at)),
};
// eslint-disable-next-line no-control-regex
const HIGH_BYTES = /[\u0080-\u009f]/g;

export function decodeSingleByte(bytes: Buffer, encoding: SingleByte): string {
  const high = HIGH[encoding];
  return bytes.toString('latin1').replace(HIGH_BYTES, (character) => high[character.charCodeAt(0) - 0x80] ?? '');
}

/** The way back: the bytes that `text` was read from. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return toWtf8(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const high = HIGH[encoding];
  return Buffer.from(
    Array.from(text, (character) => {
      const place = high.indexOf(character);
      return place === -1 ? character.charCodeAt(0) & 0xff : 0x80 + place;
    }),
  );
}

const LONE = /\p{Surrogate}/u;

/** UTF-8 but for lone surrogates, which get the bytes that UTF-8 forbids: such a line is told from a good one. */
export function toWtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces = text.split(/(\p{Surrogate})/u);
  return Buffer.concat(pieces.map((piece) => (LONE.test(piece) ? surrogateBytes(piece) : Buffer.from(piece))));
}

function surrogateBytes(surrogate: string): Buffer {
  const code = surrogate.charCodeAt(0);
  return Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}

export function fromWtf8(bytes: Buffer): string {
  const pieces = bytes.toString('latin1').split(/(\u00ed[\u00a0-\u00bf][\u0080-\u00bf])/);
  return pieces
    .map((piece, at) => (at % 2 === 1 ? surrogateOf(piece) : Buffer.from(piece, 'latin1').toString()))
    .join('');
}

const surrogateOf = (piece: string): string =>
  String.fromCharCode(0xd000 | ((piece.charCodeAt(1) & 0x3f) << 6) | (piece.charCodeAt(2) & 0x3f));
