import { crypt64Digit, fromCrypt64Little } from '../primitives/encodings.ts';
import { type Yescrypt, yescrypt, yescryptCost } from '../primitives/yescrypt/yescrypt.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';

/** 64 MiB, and about two thirds of a second: Debian's own default takes 16 MiB, 175,000. */
const MAX_BYTES = 2 ** 26;
const MAX_COST = 1_000_000;
/** The event loop is given back between rows. */
const MAX_R = 64;
const MAX_LANES = 16;

/** Numbers of one to six digits of crypt(3)'s alphabet; the first tells how many follow. NaN: cut off. */
function numberReader(text: string): { readonly isAtEnd: () => boolean; readonly next: (least: number) => number } {
  let at = 0;
  const take = (): number => {
    const digit = crypt64Digit(text[at++]);
    return digit < 0 ? Number.NaN : digit;
  };
  const next = (least: number): number => {
    const first = take();
    let [start, end, more] = [0, 47, 0];
    let value = least;
    for (; first > end; more += 1) {
      value += (end + 1 - start) * 64 ** more;
      start = end + 1;
      end = start + Math.floor((62 - end) / 2);
    }
    value += (first - start) * 64 ** more;
    for (; more > 0; more -= 1) value += take() * 64 ** (more - 1);
    return value;
  };
  return { isAtEnd: () => at >= text.length, next };
}

const HAS_LANES = 1;
const HAS_TIME = 2;
/** N's exponent, r, and where they are not as usual p and t. */
function readParameters(text: string): Yescrypt | undefined {
  const { next, isAtEnd } = numberReader(text);
  const exponent = next(1);
  const r = next(1);
  const has = isAtEnd() ? 0 : next(1);
  // Upgraded hashes and those with a ROM are in the format, but nobody computes them.
  if (!(has <= (HAS_LANES | HAS_TIME))) return undefined;
  const p = has & HAS_LANES ? next(2) : 1;
  const t = has & HAS_TIME ? next(1) : 0;
  const n = 2 ** exponent;
  return isAtEnd() && [n, r, p, t].every(Number.isSafeInteger) && n / p > 1 ? { n, r, p, t } : undefined;
}

const fits = (parameters: Yescrypt): boolean =>
  128 * parameters.r * parameters.n <= MAX_BYTES &&
  parameters.r <= MAX_R &&
  parameters.p <= MAX_LANES &&
  yescryptCost(parameters) <= MAX_COST;

/** The one way into yescrypt: its bounds hold for decoys too. */
export function yescryptReading(parameters: Yescrypt, salt: Buffer, expected: Buffer): Read {
  if (!fits(parameters)) return tooCostly;
  return {
    cost: yescryptCost(parameters),
    expected,
    // A C string: what is behind a NUL was never hashed, and is refused here instead.
    compute: async ({ bytes }) => (bytes.includes(0) ? undefined : yescrypt(bytes, salt, parameters)),
  };
}

/** Flavour j stands for flags 0xb6: crypt(3) never wrote another. */
const FORM = /^\$y\$j(?<parameters>[./0-9A-Za-z]{2,24})\$(?<salt>[./0-9A-Za-z]{0,86})\$(?<digest>[./0-9A-Za-z]{43})$/;

function readYescrypt(stored: string): Read {
  const { parameters: written = '', salt: grain = '', digest = '' } = FORM.exec(stored)?.groups ?? {};
  const parameters = readParameters(written);
  const salt = fromCrypt64Little(grain);
  const expected = fromCrypt64Little(digest);
  if (!parameters || !salt || !expected) return malformed;
  return yescryptReading(parameters, salt, expected);
}

export const CRYPT_YESCRYPT_ROWS = [
  scheme({
    id: 'yescrypt',
    family: 'crypt',
    shape: /^\$y\$/,
    costClass: 'yescrypt',
    commonCost: 174_784,
    bounds: '128·N·r ≤ 64 MiB, r ≤ 64, p ≤ 16, r·(N + p·reads) ≤ 1,000,000; flavour j; no upgrades, no ROM',
    note: 'libxcrypt $y$: Debian 11, Ubuntu 22.04, Fedora and later',
    read: readYescrypt,
  }),
] as const;
