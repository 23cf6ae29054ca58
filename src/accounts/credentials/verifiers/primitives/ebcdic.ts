// EBCDIC code page 037, as far as RACF lets user names and passwords go.
const EBCDIC: ReadonlyMap<string, number> = new Map([
  ...run('ABCDEFGHI', 0xc1),
  ...run('JKLMNOPQR', 0xd1),
  ...run('STUVWXYZ', 0xe2),
  ...run('0123456789', 0xf0),
  ...run('abcdefghi', 0x81),
  ...run('jklmnopqr', 0x91),
  ...run('stuvwxyz', 0xa2),
  ...Object.entries({
    '#': 0x7b,
    '@': 0x7c,
    $: 0x5b,
    ' ': 0x40,
    '.': 0x4b,
    '<': 0x4c,
    '+': 0x4e,
    '|': 0x4f,
    '&': 0x50,
  }),
  ...Object.entries({
    '!': 0x5a,
    '*': 0x5c,
    '-': 0x60,
    '%': 0x6c,
    _: 0x6d,
    '>': 0x6e,
    '?': 0x6f,
    ':': 0x7a,
    '=': 0x7e,
  }),
]);

function run(characters: string, from: number): [string, number][] {
  return Array.from(characters, (character, index) => [character, from + index]);
}

/** Undefined for what has no place in it. */
export function ebcdic(text: string): Buffer | undefined {
  const bytes = Array.from(text, (character) => EBCDIC.get(character));
  return bytes.every((byte) => byte !== undefined) ? Buffer.from(bytes) : undefined;
}

/** Eight bytes, filled with blanks: a name or a password of RACF. */
export const ebcdicName = (text: string): Buffer | undefined => ebcdic(text.slice(0, 8).padEnd(8));
