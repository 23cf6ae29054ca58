import { digest } from '../primitives/digests.ts';
import { encodeText } from '../primitives/charsets.ts';
import { fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';

/** SAP's own codes of the characters from blank to tilde. */
const CODES = Buffer.from(
  '3f4041504344454b47484d4e5451534635363738393a3b3c3d3e56555c495d4a' +
    '420102030405060708090a0b0c0d0e0f101112131415161718191a585b59ff52' +
    '4c0102030405060708090a0b0c0d0e0f101112131415161718191a575e5a4f',
  'hex',
);
const FILLER = Buffer.from(
  '1477f3d4bb7123d003ff479355aa6691f2886b99bfcb321a19d9a7822249a251e2b733718b9f5d014470ae11ef28f00d',
  'hex',
);

const transcode = (text: string): Buffer =>
  Buffer.from(Array.from(text.toUpperCase(), (character) => CODES[character.charCodeAt(0) - 0x20] ?? 0xff));

/** Password, user name and filler dealt out in turn, as bits of the first digest say. */
function deal(first: Buffer, password: Buffer, user: Buffer): Buffer {
  const at = (index: number): number => first[index] ?? 0;
  const length = [0, 1, 2, 3, 5].reduce((sum, index) => sum + (at(index) & 3), 0) | 0x20;
  const out = Buffer.alloc(length + 8);
  let end = 0;
  let [typed, named] = [0, 0];
  while (end < length) {
    if (typed < password.length) {
      if (at(15 - typed) & 1) out[end++] = FILLER[47 - typed] ?? 0;
      out[end++] = password[typed++] ?? 0;
    }
    if (named < user.length) out[end++] = user[named++] ?? 0;
    out[end] = FILLER[end - typed - named] ?? 0;
    end += 2;
  }
  return out.subarray(0, length);
}

/** CODVN B: two MD5s, folded to eight bytes. */
function codvnB(password: string, user: string): Buffer {
  const [typed, named] = [transcode(password.slice(0, 8)), transcode(user.slice(0, 12))];
  const last = digest('md5', deal(digest('md5', typed, named), typed, named));
  return Buffer.from(Array.from({ length: 8 }, (_, index) => (last[index] ?? 0) ^ (last[index + 8] ?? 0)));
}

/** From SAP's work process: a stretch of it, chosen by the first digest, stands between password and user name. */
const STRETCH = Buffer.from(
  '91ac51149f67544324e73be028747bc2863313eb5a4fcb5c080a73370e5d1c2f338fe6e5f89baedd16f24b8d2ce1d4dc' +
    'b0cbdf9dd4706d17f94d423f9b1b11949f5bc19b06059d039d5e138a1e9a6ae8d97c141758c72af6a199630ad7fd70c3' +
    'f65e741303c90b042698f7268a929325b0a20d23ed63796d1332fa3c35029aa3b3dd8e0a24bf51c37ccd559f37af944c' +
    '29085282b23b4e379f170791113bfdcd',
  'hex',
);

function codvnG(password: Buffer, user: Buffer): Buffer {
  const first = digest('sha1', password, user);
  const length = first.subarray(0, 10).reduce((sum, byte) => sum + (byte % 6), 0x20);
  const start = first.subarray(10).reduce((sum, byte) => sum + (byte % 8), 0);
  return digest('sha1', password, STRETCH.subarray(start, start + length), user);
}

const read =
  (bytes: number, compute: (text: string, user: string) => Buffer) =>
  (stored: string, side: SideInput): Read => {
    const groups = /^(?:(?<user>[^$\n]{1,40})\$)?(?<digest>[0-9A-F]+)$/i.exec(stored)?.groups;
    const { user = side.user ?? '', digest: text = '' } = groups ?? {};
    const expected = fromHex(text, bytes);
    if (!expected || user === '') return malformed;
    return {
      cost: 2,
      expected,
      compute: (password) => compute(password.text, user.toUpperCase()),
      // No zeros: those would say that half of the digest counts.
      blank: stored.slice(0, -text.length) + 'F'.repeat(text.length),
    };
  };

/** The second half of an F or G digest of a downgraded system is zeros; the first ten bytes count. */
function readG(stored: string, side: SideInput): Read {
  const whole = read(20, (text, user) => codvnG(encodeText(text, 'utf-8') ?? Buffer.alloc(0), Buffer.from(user)))(
    stored,
    side,
  );
  if ('problem' in whole || !whole.expected.subarray(10).every((byte) => byte === 0)) return whole;
  const { compute } = whole;
  return {
    ...whole,
    expected: whole.expected.subarray(0, 10),
    blank: stored.slice(0, -40) + '0'.repeat(40),
    compute: async (password) => (await compute(password))?.subarray(0, 10),
  };
}

const common = { family: 'sap', costClass: 'fast', commonCost: 2, bounds: 'digest whole' } as const;

export const SAP_ROWS = [
  scheme({
    ...common,
    id: 'sap-codvn-b',
    shape: undefined,
    note: 'SAP CODVN B: eight characters, letters of either case; user name in front or beside',
    needs: ['user'],
    sees: 8,
    read: read(8, codvnB),
  }),
  scheme({
    ...common,
    id: 'sap-codvn-g',
    shape: undefined,
    note: 'SAP CODVN F and G; user name in front or beside',
    needs: ['user'],
    read: readG,
  }),
] as const;
