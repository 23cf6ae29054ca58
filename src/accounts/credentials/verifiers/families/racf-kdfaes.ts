import { createCipheriv } from 'node:crypto';
import { MAX_ITERATIONS, pbkdf2Key } from '../primitives/derive.ts';
import { digest, hmac } from '../primitives/digests.ts';
import { ebcdic, ebcdicName } from '../primitives/ebcdic.ts';
import { fromHex } from '../primitives/encodings.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { racfDes } from './mainframe.ts';

interface Kdfaes {
  /** Blocks of memory, a power of two. */
  readonly blocks: number;
  readonly iterations: number;
  readonly salt: Buffer;
}

const ONE = Buffer.from([0, 0, 0, 1]);

const xored = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

const derive = (key: Buffer, salt: Buffer, iterations: number): Promise<Buffer> =>
  pbkdf2Key(key, { digest: 'sha256', iterations, salt, bytes: 32 });

/** The last block but one of PBKDF2's chain, which is what one iteration fewer differs by from two fewer. */
async function lastButOne(key: Buffer, salt: Buffer, iterations: number): Promise<Buffer> {
  return xored(await derive(key, salt, iterations - 1), await derive(key, salt, iterations - 2));
}

/** Fills the memory, each block salted by the one before. */
async function fillBlocks(key: Buffer, { blocks, iterations, salt }: Kdfaes): Promise<Buffer[]> {
  const memory: Buffer[] = [];
  const count = Buffer.alloc(4);
  count.writeUInt32BE(blocks);
  let grain = Buffer.concat([salt, count]);
  for (let index = 0; index < blocks; index += 1) {
    const block = await derive(key, grain, iterations);
    memory.push(block);
    if (index < blocks - 1) grain = Buffer.concat([(await lastButOne(key, grain, iterations)).subarray(0, 16), block]);
  }
  return memory;
}

/** The key of AES: the memory is filled, read where the key says and written anew, and salts the last derivation. */
async function kdfaesKey(secret: Buffer, parameters: Kdfaes): Promise<Buffer> {
  const memory = await fillBlocks(secret, parameters);
  let key = memory.at(-1) ?? secret;
  for (let index = 0; index < memory.length; index += 1) {
    const chosen = memory[key.readUInt32BE(28) % memory.length] ?? key;
    key = hmac('sha256', key, Buffer.concat([chosen, ONE]));
    memory[index] = key;
  }
  return derive(key, Buffer.concat(memory.slice(0, -1)), parameters.iterations);
}

function encrypted(key: Buffer, name: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return cipher.update(Buffer.concat([name, Buffer.alloc(8)]));
}

/** Of a phrase: its digest, and how many bits it had. */
function phraseSecret(phrase: string): Buffer | undefined {
  const bytes = ebcdic(phrase);
  const bits = Buffer.alloc(8);
  bits.writeUInt32BE((bytes?.length ?? 0) * 8, 4);
  return bytes && Buffer.concat([digest('sha256', bytes), bits]);
}

const PASSWORD_HEAD = 'E7D7E66D00018000';
const PHRASE_HEAD = 'E7D7E66D00014000';
const FORM = new RegExp(
  '^(?:\\$racf-kdfaes\\$|\\$racf\\$)\\*(?<user>[^*\\n]{1,8})\\*' +
    `(?<head>${PASSWORD_HEAD}|${PHRASE_HEAD})(?<memory>[0-9A-F]{4})(?<repeats>[0-9A-F]{4})[0-9A-F]{8}` +
    '\\*?(?<salt>[0-9A-F]{32})\\*?(?<digest>[0-9A-F]{32})$',
  'i',
);

const MOST_BLOCKS = 256;
/** A chain is gone through three times for each block, and once more at the end. */
const costOf = ({ blocks, iterations }: Kdfaes): number => (3 * blocks - 1) * iterations;

type Groups = Partial<Record<string, string>>;

function readParameters({ memory = '', repeats = '', salt = '' }: Groups): Kdfaes | undefined {
  const blocks = 2 ** (parseInt(memory, 16) - 5);
  const iterations = parseInt(repeats, 16) * 100;
  const grain = fromHex(salt, 16);
  return grain && blocks >= 2 && iterations >= 100 ? { blocks, iterations, salt: grain } : undefined;
}

function readKdfaes(stored: string, { variant }: SideInput): Read {
  const groups: Groups = FORM.exec(stored)?.groups ?? {};
  const { user = '', head = '', digest: text = '' } = groups;
  const name = ebcdicName(user.toUpperCase());
  const parameters = readParameters(groups);
  const expected = fromHex(text, 16);
  if (!name || !expected || !parameters) return malformed;
  if (parameters.blocks > MOST_BLOCKS || costOf(parameters) > MAX_ITERATIONS) return tooCostly;
  const isPhrase = head.toUpperCase() === PHRASE_HEAD;
  const typed = (password: string): string => (variant === 'upper-case' ? password.toUpperCase() : password);
  return {
    cost: costOf(parameters),
    expected,
    async compute(password) {
      const secret = isPhrase ? phraseSecret(password.text) : racfDes(typed(password.text), name);
      return secret && encrypted(await kdfaesKey(secret, parameters), name);
    },
  };
}

export const RACF_KDFAES_ROWS = [
  scheme({
    id: 'racf-kdfaes',
    family: 'mainframe',
    shape: FORM,
    costClass: 'pbkdf2-sha256',
    commonCost: 115_000,
    bounds: 'at most 256 blocks of memory, (3·blocks − 1) × iterations ≤ 2,000,000; passwords of eight characters',
    note: 'IBM RACF, KDFAES: passwords as typed (variant upper-case where the system has no mixed case) and phrases',
    read: readKdfaes,
  }),
] as const;
