/** How a gateway writes what is not ASCII. */
export type Encoding = 'utf-8' | 'latin-1' | 'percent';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const CONTROL = /\p{Cc}/u;

/** The text of a header, whose bytes Node hands on as Latin-1. Undefined for what is none in that encoding. */
export function decodeHeader(value: string, encoding: Encoding = 'utf-8'): string | undefined {
  try {
    const bytes = encoding === 'percent' ? unescapeBytes(value) : Buffer.from(value, 'latin1');
    const text = (encoding === 'latin-1' ? value : utf8.decode(bytes)).trim();
    return CONTROL.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

const unescapeBytes = (value: string): Buffer =>
  Buffer.from(
    value.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
