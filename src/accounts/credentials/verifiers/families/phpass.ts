import { digest, hexDigest } from '../primitives/digests.ts';
import { crypt64Digit, crypt64Little } from '../primitives/encodings.ts';
import { repeat } from '../primitives/repeat.ts';
import { type Password, type Read, WEAK_BELOW, malformed, scheme, tooCostly } from '../scheme.ts';

const MIN_EXPONENT = 7;
/** 2^19 digests: under half a second. */
const MAX_EXPONENT = 19;

interface PhpassForm {
  readonly form: RegExp;
  readonly name: 'md5' | 'sha512';
  /** Drupal cuts the text of the digest. */
  readonly digits: number;
}

async function phpass(name: PhpassForm['name'], password: Buffer, salt: string, exponent: number): Promise<string> {
  let last = digest(name, Buffer.from(salt), password);
  await repeat(2 ** exponent, () => {
    last = digest(name, last, password);
  });
  return crypt64Little(last);
}

const read =
  ({ form, name, digits }: PhpassForm) =>
  (stored: string): Read => {
    const groups = form.exec(stored)?.groups;
    if (!groups) return malformed;
    const { updated, cost, salt = '', digest: text = '' } = groups;
    const exponent = crypt64Digit(cost);
    if (exponent < MIN_EXPONENT || exponent > 30) return malformed;
    if (exponent > MAX_EXPONENT) return tooCostly;
    // Drupal's `U`: an old MD5 was hashed again when the site was updated.
    const prepare = ({ bytes }: Password): Buffer => (updated ? Buffer.from(hexDigest('md5', bytes)) : bytes);
    const rounds = 2 ** exponent;
    return {
      cost: rounds,
      expected: Buffer.from(text),
      compute: async (password) =>
        Buffer.from((await phpass(name, prepare(password), salt, exponent)).slice(0, digits)),
      ...(rounds < WEAK_BELOW && { blank: stored.slice(0, -digits) + '.'.repeat(digits) }),
    };
  };

export const PHPASS_ROWS = [
  scheme({
    id: 'phpass',
    family: 'phpass',
    shape: /^U?\$[PH]\$/,
    costClass: 'md5-rounds',
    commonCost: 8192,
    bounds: 'rounds 2^7 to 2^19; passwords ≤ 256 bytes',
    note: 'WordPress before 6.8, phpBB3, Drupal 7 migrated',
    maxPasswordBytes: 256,
    read: read({
      form: /^(?<updated>U?)\$[PH]\$(?<cost>[./0-9A-Za-z])(?<salt>[^$\n]{8})(?<digest>[./0-9A-Za-z]{22})$/,
      name: 'md5',
      digits: 22,
    }),
  }),
  scheme({
    id: 'drupal7',
    family: 'phpass',
    shape: /^U?\$S\$/,
    costClass: 'sha512-rounds',
    commonCost: 32_768,
    bounds: 'rounds 2^7 to 2^19; passwords ≤ 256 bytes',
    note: 'Drupal 7 and later; U in front: over an MD5 from Drupal 6',
    maxPasswordBytes: 256,
    read: read({
      form: /^(?<updated>U?)\$S\$(?<cost>[./0-9A-Za-z])(?<salt>[^$\n]{8})(?<digest>[./0-9A-Za-z]{43})$/,
      name: 'sha512',
      digits: 43,
    }),
  }),
] as const;
