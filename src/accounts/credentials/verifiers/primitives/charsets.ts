/** Old character sets that a password may have been hashed in. */
export const CHARSETS = ['utf-8', 'latin-1', 'windows-1252', 'cp437'] as const;
export type Charset = (typeof CHARSETS)[number];

const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

const upperHalf = (characters: string): ReadonlyMap<string, number> =>
  new Map(Array.from(characters, (character, index) => [character, 0x80 + index]));

const UPPER_HALVES = {
  'windows-1252': upperHalf(
    new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 128 }, (_, index) => 0x80 + index)),
  ),
  cp437: upperHalf(CP437),
} as const;

/** The bytes of a text in a character set; undefined when it has not all of its characters. */
export function encodeText(text: string, charset: Charset): Buffer | undefined {
  if (charset === 'utf-8') return Buffer.from(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const byte = code < 0x80 || (charset === 'latin-1' && code < 0x100) ? code : upper(character, charset);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

const upper = (character: string, charset: Exclude<Charset, 'utf-8'>): number | undefined =>
  charset === 'latin-1' ? undefined : UPPER_HALVES[charset].get(character);

export const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
export const utf16be = (text: string): Buffer => utf16le(text).swap16();
