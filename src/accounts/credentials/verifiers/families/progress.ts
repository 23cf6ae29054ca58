import { type Read, malformed, scheme } from '../scheme.ts';

/** CRC-16 with the polynomial 0xa001, a byte at a time. */
function crc16(byte: number): number {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >> 1) ^ 0xa001 : value >> 1;
  return value;
}

const CRC = Uint16Array.from({ length: 256 }, (_, byte) => crc16(byte));

/** The sum over the block from its end to its beginning. */
const sumOf = (block: Buffer, start: number): number =>
  block.reduceRight((sum, byte) => (sum >> 8) ^ (CRC[sum & 255] ?? 0) ^ (CRC[byte] ?? 0), start);

const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/** Five times: the password is xored in from the end, then each two bytes become the sum of all. */
function progressEncode(password: Buffer): Buffer {
  const block = Buffer.alloc(16);
  let sum = 17;
  for (let turn = 0; turn < 5; turn += 1) {
    for (const [index, byte] of password.entries()) block[15 - (index % 16)] = (block[15 - (index % 16)] ?? 0) ^ byte;
    for (let at = 0; at < 16; at += 2) {
      sum = sumOf(block, sum);
      block.writeUInt16LE(sum, at);
    }
  }
  return Buffer.from(block.map((byte) => (isLetter(byte & 0x7f) ? byte & 0x7f : (byte >> 4) + 0x61)));
}

function readProgress(stored: string): Read {
  if (!/^[A-Za-z]{16}$/.test(stored)) return malformed;
  return {
    cost: 1,
    expected: Buffer.from(stored),
    compute: ({ bytes }) => (bytes.includes(0) ? undefined : progressEncode(bytes)),
    blank: 'a'.repeat(16),
  };
}

export const PROGRESS_ROWS = [
  scheme({
    id: 'progress-encode',
    explicit: true,
    family: 'database',
    shape: /^[A-Za-z]{16}$/,
    costClass: 'fast',
    commonCost: 1,
    bounds: '16 letters; NUL is refused',
    note: 'Progress OpenEdge ENCODE: sums, no digest. Better refused, and the password asked for anew',
    read: readProgress,
  }),
] as const;
