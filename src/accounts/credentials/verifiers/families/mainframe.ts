import { desCbc, desEcb, spreadKey } from '../primitives/des.ts';
import { encodeText, utf16be } from '../primitives/charsets.ts';
import { ebcdicName } from '../primitives/ebcdic.ts';
import { fromHex } from '../primitives/encodings.ts';
import { type Password, type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';

const RACF = /^(?:\$racf\$\*|\$as400des\$)(?<user>[^*\n]{1,8})\*(?<digest>[0-9A-F]{16})$/i;

/** The password is the key of one DES over the user name. */
export function racfDes(password: string, name: Buffer): Buffer | undefined {
  const key = ebcdicName(password);
  return key && desEcb(Buffer.from(key.map((byte) => ((byte ^ 0x55) << 1) & 0xff)), name);
}

/** Case counts for nothing unless the mainframe was set so: `mixed-case`. */
function readRacf(stored: string, { variant }: SideInput): Read {
  const groups = RACF.exec(stored)?.groups;
  const name = ebcdicName((groups?.['user'] ?? '').toUpperCase());
  const expected = fromHex(groups?.['digest'] ?? '', 8);
  if (!name || !expected) return malformed;
  return {
    cost: 1,
    expected,
    compute: ({ text }: Password) => racfDes(variant === 'mixed-case' ? text : text.toUpperCase(), name),
    blank: stored.slice(0, -16) + '0'.repeat(16),
  };
}

const LM_TEXT = Buffer.from('KGS!@#$%');

/** Two halves of seven capitals, each the key of one DES over a constant. */
function lmHash(password: string): Buffer | undefined {
  const bytes = encodeText(password.toUpperCase(), 'cp437');
  if (!bytes) return undefined;
  const padded = Buffer.alloc(14);
  padded.set(bytes.subarray(0, 14));
  return Buffer.concat([padded.subarray(0, 7), padded.subarray(7)].map((half) => desEcb(spreadKey(half), LM_TEXT)));
}

function readLm(stored: string): Read {
  const expected = fromHex(stored.replace(/^\{(?:LANMAN|LM)\}/i, ''), 16);
  if (!expected) return malformed;
  return { cost: 1, expected, compute: ({ text }) => lmHash(text), blank: '0'.repeat(32) };
}

const ORACLE_KEY = Buffer.from('0123456789abcdef', 'hex');

/** DES-CBC twice over user and password in capitals; the last block of the first is the key of the second. */
function readOracle10(stored: string, { user }: SideInput): Read {
  const groups = /^(?:H:)?(?<digest>[0-9A-F]{16})$/i.exec(stored)?.groups;
  const expected = fromHex(groups?.['digest'] ?? '', 8);
  if (!expected || !user) return malformed;
  return {
    cost: 1,
    expected,
    compute({ text }) {
      const plain = utf16be((user + text).toUpperCase());
      const padded = Buffer.alloc(Math.ceil(plain.length / 8) * 8);
      padded.set(plain);
      const key = desCbc(ORACLE_KEY, padded).subarray(-8);
      return Buffer.from(desCbc(key, padded).subarray(-8));
    },
    blank: stored.slice(0, -16) + '0'.repeat(16),
  };
}

const common = { costClass: 'fast', commonCost: 1 } as const;

export const DES_ROWS = [
  scheme({
    ...common,
    id: 'racf-des',
    family: 'mainframe',
    shape: /^\$racf\$\*[^*]{1,8}\*[0-9A-F]{16}$/i,
    bounds: 'eight characters of EBCDIC',
    note: 'IBM RACF, DES; letters of either case, unless variant mixed-case says otherwise',
    sees: 8,
    read: (stored, side) => (/^\$racf\$/i.test(stored) ? readRacf(stored, side) : malformed),
  }),
  scheme({
    ...common,
    id: 'as400-des',
    family: 'mainframe',
    shape: /^\$as400des\$[^*]{1,8}\*[0-9A-F]{16}$/i,
    bounds: 'eight characters of EBCDIC; user names of up to eight',
    note: 'IBM i, DES; longer user names are folded there and not supported',
    sees: 8,
    read: (stored, side) => (/^\$as400des\$/i.test(stored) ? readRacf(stored, side) : malformed),
  }),
  scheme({
    ...common,
    id: 'lmhash',
    family: 'microsoft',
    shape: undefined,
    bounds: 'both halves, 32 hex digits',
    note: 'LM hash: 14 capitals in two halves. Better refused, and the password asked for anew',
    sees: 14,
    read: readLm,
  }),
  scheme({
    ...common,
    id: 'oracle10',
    family: 'database',
    shape: undefined,
    bounds: 'digest whole',
    note: 'Oracle 7 to 10g; the user name is the salt, letters of either case',
    needs: ['user'],
    read: readOracle10,
  }),
] as const;
