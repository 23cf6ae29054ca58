/** Blowfish's tables are the digits of pi behind the point, and so they are computed: Machin's formula. */
const WORDS = 18 + 4 * 256;
const GUARD_BITS = 64n;

function arctangentOfInverse(x: bigint, one: bigint): bigint {
  let [power, sum] = [one / x, one / x];
  for (let odd = 3n, sign = -1n; power > 0n; odd += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / odd;
  }
  return sum;
}

function digitsOfPi(): Uint32Array {
  const bits = BigInt(WORDS * 32);
  const one = 1n << (bits + GUARD_BITS);
  const pi = 4n * (4n * arctangentOfInverse(5n, one) - arctangentOfInverse(239n, one));
  const hex = ((pi - 3n * one) >> GUARD_BITS).toString(16).padStart(WORDS * 8, '0');
  return Uint32Array.from({ length: WORDS }, (_, index) => parseInt(hex.slice(index * 8, index * 8 + 8), 16));
}

let pi: Uint32Array | undefined;

interface Schedule {
  readonly p: Uint32Array;
  readonly s: Uint32Array;
}

function mix({ s }: Schedule, x: number): number {
  const at = (box: number, byte: number): number => s[box * 256 + (byte & 255)] ?? 0;
  return (((at(0, x >>> 24) + at(1, x >>> 16)) ^ at(2, x >>> 8)) + at(3, x)) >>> 0;
}

/** Sixteen rounds; backwards with the subkeys backwards. */
function crypt(schedule: Schedule, left: number, right: number, backwards: boolean): readonly [number, number] {
  const subkey = (round: number): number => schedule.p[backwards ? 17 - round : round] ?? 0;
  let [a, b] = [left, right];
  for (let round = 0; round < 16; round += 1) {
    a = (a ^ subkey(round)) >>> 0;
    b = (b ^ mix(schedule, a)) >>> 0;
    [a, b] = [b, a];
  }
  return [(b ^ subkey(17)) >>> 0, (a ^ subkey(16)) >>> 0];
}

function scheduleOf(key: Uint8Array): Schedule {
  pi ??= digitsOfPi();
  const schedule = { p: pi.slice(0, 18), s: pi.slice(18) };
  for (let index = 0; index < 18; index += 1) {
    let word = 0;
    for (let byte = 0; byte < 4; byte += 1) word = (word << 8) | (key[(index * 4 + byte) % key.length] ?? 0);
    schedule.p[index] = (schedule.p[index] ?? 0) ^ word;
  }
  let [left, right] = [0, 0];
  for (const table of [schedule.p, schedule.s])
    for (let index = 0; index < table.length; index += 2) {
      [left, right] = crypt(schedule, left, right, false);
      table[index] = left;
      table[index + 1] = right;
    }
  return schedule;
}

/** Whole blocks of eight bytes; with an IV, CBC. OpenSSL 3 no longer has it. */
export function decryptBlowfish(key: Uint8Array, blocks: Buffer, iv: Buffer | undefined): Buffer {
  const schedule = scheduleOf(key);
  const plain = Buffer.alloc(blocks.length);
  for (let at = 0; at < blocks.length; at += 8) {
    const [left, right] = crypt(schedule, blocks.readUInt32BE(at), blocks.readUInt32BE(at + 4), true);
    plain.writeUInt32BE(left, at);
    plain.writeUInt32BE(right, at + 4);
  }
  if (!iv) return plain;
  const before = Buffer.concat([iv, blocks]);
  return Buffer.from(plain.map((byte, index) => byte ^ (before[index] ?? 0)));
}
